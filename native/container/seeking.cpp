// The tiles of a region, found with tOCS.
// Source: docs/format.md, "tOCS".
#include <algorithm>
#include <limits>

#include "container/assembly.h"
#include "container/syntax.h"

namespace veneer {
namespace {

constexpr uint32_t kPlaneTypes[] = {chunk_type("BASE"), chunk_type("ALPH")};

}  // namespace

bool Assembly::seek_tiles(Bytes file, const Needed& needed, bool enhancement) {
  if (offsets_.empty()) return false;
  const auto enhancement_before = contents.enhancement;
  const ProblemLog problems_before = contents.problems;
  const Vector<uint8_t> seen_before = tiles_seen_;
  const Vector<int> enhanced_before = enhanced_;

  uint64_t end = first_tile_;
  for (const uint32_t length : offsets_) end += length + uint64_t{kFrameSize};
  Vector<Extent> found;
  TileRange wanted;
  const bool is_read = !enhancement || read_enhancement(file, end);
  if (is_read) wanted = wanted_tiles(&needed);
  if (!is_read || !find_tiles(file, wanted, &found)) {
    contents.enhancement = enhancement_before;
    contents.problems = problems_before;
    tiles_seen_ = seen_before;
    enhanced_ = enhanced_before;
    return false;
  }
  const size_t planes = contents.alpha_tiles.empty() ? 1 : 2;
  for (size_t i = 0; i < found.size(); ++i) {
    Vector<Extent>& tiles = i % planes ? contents.alpha_tiles : contents.colour_tiles;
    tiles[wanted[static_cast<int>(i / planes)]] = found[i];
  }
  return true;
}

// Takes the chunks after the tiles; false if they are not the expected ones.
bool Assembly::read_enhancement(Bytes file, uint64_t end) {
  // An offset beyond the end of any file.
  const auto position = static_cast<size_t>(std::min<uint64_t>(end, std::numeric_limits<ptrdiff_t>::max()));
  if (position < file.size && !chunk_at(file, position)) return false;
  const auto report_it = [this](const Problem& problem) { report(problem); };
  ChunkReader reader(file, position, report_it);
  while (const std::optional<Chunk> chunk = reader.next()) {
    if (chunk->missing > 0) break;
    if (chunk->type == chunk_type("eNHA")) {
      add_enhancement(*chunk, file);
    } else if (chunk->type != chunk_type("TEND") && (is_known_type(chunk->type) || is_critical(chunk->type))) {
      return false;
    }
  }
  check_models();
  return true;
}

// The payloads of some tiles, of each its colour and, if present, its alpha; false if one is not at its
// place.
bool Assembly::find_tiles(Bytes file, const TileRange& wanted, Vector<Extent>* found) const {
  const size_t planes = contents.alpha_tiles.empty() ? 1 : 2;
  uint64_t start = first_tile_;
  size_t place = 0;  // in offsets_, of the chunk that begins at `start`
  for (int i = 0; i < wanted.count(); ++i) {
    for (size_t plane = 0; plane < planes; ++plane) {
      const size_t sought = static_cast<size_t>(wanted[i]) * planes + plane;
      for (; place < sought; ++place) start += offsets_[place] + uint64_t{kFrameSize};
      if (start > file.size) return false;
      // Of the length that tOCS says, so that no byte is summed twice where chunks lie within each other.
      const std::optional<Chunk> chunk = chunk_at(file, static_cast<size_t>(start), offsets_[place]);
      const bool is_tile = chunk && chunk->intact && chunk->type == kPlaneTypes[plane] &&
                           chunk->payload.size >= kTileIndexSize && tile_number(file, *chunk) == wanted[i];
      if (!is_tile) return false;
      found->push_back(chunk->payload.from(kTileIndexSize));
    }
  }
  return true;
}

}  // namespace veneer
