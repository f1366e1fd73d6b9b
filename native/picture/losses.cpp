#include "picture/losses.h"

#include <algorithm>
#include <cstdio>

#include "picture/base_layer.h"

namespace veneer {
namespace {

constexpr int64_t kSuperblockPixels = int64_t{kSuperblock} * kSuperblock;

}  // namespace

bool is_nothing_left(Span<const int> status) {
  return std::none_of(status.begin(), status.end(),
                      [](int state) { return state == status::kNotNeeded || known_superblocks(state) > 0; });
}

bool is_worth_texture(Span<const int> status, const TileGrid& grid, int64_t size_bytes) {
  int64_t lost = 0;
  for (size_t i = 0; i < status.size; ++i) {
    if (status[i] == status::kNotNeeded) continue;
    lost += std::max(grid.superblocks(static_cast<int>(i)) - known_superblocks(status[i]), 0);
  }
  return 0 < lost && lost * kSuperblockPixels <= kMaxTexturedPixels * size_bytes;
}

Vector<Problem> describe_losses(Span<const int> status, const TileGrid& grid) {
  Vector<Problem> problems;
  Vector<int> damaged;
  for (size_t i = 0; i < status.size; ++i) {
    const int tile = static_cast<int>(i), state = status[i];
    if (state >= status::kCut) {
      problems.push_back(make_problem(ErrorCode::kChunkCut, Problem::kNowhere, "tile %d: %d of %d superblocks", tile,
                                      known_superblocks(state), grid.superblocks(tile)));
    }
    if (state == status::kDamaged || state == status::kAlphaDamaged) damaged.push_back(tile);
  }
  if (!damaged.empty()) {
    problems.push_back(make_problem(ErrorCode::kTileDamaged, Problem::kNowhere,
                                    "%zu of %zu tiles cannot be decoded: %s", damaged.size(), status.size,
                                    shown_numbers({damaged.data(), damaged.size()}).text));
  }
  if (is_nothing_left(status)) {
    problems.push_back(
        make_problem(ErrorCode::kNoTile, Problem::kNowhere, "not one superblock of the picture is left"));
  }
  return problems;
}

ShownNumbers shown_numbers(Span<const int> numbers) {
  constexpr size_t kShown = 8;
  ShownNumbers shown{};
  int at = 0;
  for (size_t i = 0; i < std::min(numbers.size, kShown); ++i) {
    at += std::snprintf(shown.text + at, sizeof shown.text - at, "%s%d", i ? ", " : "", numbers[i]);
  }
  return shown;
}

}  // namespace veneer
