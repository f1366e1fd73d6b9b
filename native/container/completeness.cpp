// What is wrong with all chunks of a file together.
#include <algorithm>
#include <cstdio>

#include "container/assembly.h"

namespace veneer {
namespace {

constexpr int kShownTiles = 8;  // of those that are missing

}  // namespace

// The tiles of the region of the base picture that is needed.
TileRange Assembly::wanted_tiles(const Needed* needed) const {
  const TileGrid grid = tile_grid(contents.head);
  const Rect whole = {0, 0, grid.width(), grid.height()};
  return grid.covering(needed ? (*needed)(contents.head, contents.model()) : whole);
}

// Reports chunks eNHA of different models, and then ignores all of them.
void Assembly::check_models() {
  unsigned slots = 0;
  for (const auto& chunk : contents.enhancement) {
    if (chunk) slots |= 1u << chunk->slot;
  }
  if ((slots & (slots - 1)) == 0) return;
  char names[kMaxModels * 8] = "";
  int used = 0;
  for (int slot = 0; slot < kMaxModels; ++slot) {
    if (!(slots >> slot & 1)) continue;
    used +=
        std::snprintf(names + used, sizeof names - used, "%s%d", used ? ", " : "", contents.head.models[slot].model_id);
  }
  std::fill(contents.enhancement.begin(), contents.enhancement.end(), std::nullopt);
  report(make_problem(ErrorCode::kModelsDiffer, Problem::kNowhere, "chunks eNHA name different models: %s", names));
}

// Drops tiles that are not wanted, and reports those that are missing.
void Assembly::keep_wanted(Vector<Extent>* tiles, const TileRange& wanted, const char* what) {
  if (tiles->empty()) return;
  for (size_t i = 0; i < tiles->size(); ++i) {
    if (!wanted.contains(static_cast<int>(i))) (*tiles)[i] = {};
  }
  int missing = 0;
  char shown[kShownTiles * 8] = "";
  int used = 0;
  for (int i = 0; i < wanted.count(); ++i) {
    if ((*tiles)[wanted[i]].present() || ++missing > kShownTiles) continue;
    used += std::snprintf(shown + used, sizeof shown - used, "%s%d", used ? ", " : "", wanted[i]);
  }
  if (missing == 0) return;
  report(make_problem(ErrorCode::kTileMissing, Problem::kNowhere, "%d of %zu tiles have no %s: %s%s", missing,
                      tiles->size(), what, shown, missing > kShownTiles ? ", ..." : ""));
}

void Assembly::check_complete(const Needed* needed) {
  check_models();
  if (!has_tiles_) return;
  const Span<const Problem> kept = contents.problems.kept();
  const auto has_colour = [](uint8_t seen) { return (seen & kColour) != 0; };
  if (!std::any_of(tiles_seen_.begin(), tiles_seen_.end(), has_colour)) {
    fail(ErrorCode::kNoTile, Problem::kNowhere, "the file holds no intact tile%s%s", kept.empty() ? "" : ": ",
         kept.empty() ? "" : kept[0].message);
  }
  const TileRange wanted = wanted_tiles(needed);
  if (!wanted.contains(contents.cut_tile)) contents.cut_tile = -1;
  keep_wanted(&contents.colour_tiles, wanted, "colour");
  keep_wanted(&contents.alpha_tiles, wanted, "alpha");
  if (contents.problems.kept().empty() && !offsets_.empty() && offsets_ != tile_lengths_) {
    report(make_problem(ErrorCode::kOffsetsWrong, static_cast<int64_t>(first_tile_),
                        "tOCS does not agree with the tile chunks"));
  }
}

}  // namespace veneer
