#include "picture/tile_grid.h"

#include <cstdint>

#include "common/failure.h"
#include "common/limits.h"

namespace veneer {
namespace {

constexpr int kSuperblockSide = 64;  // pixels

}  // namespace

TileGrid::TileGrid(int width, int height, int tile_log2) : width_(width), height_(height), tile_log2_(tile_log2) {
  if (count() > kMaxTiles) {
    fail(ErrorCode::kTooManyTiles, Problem::kNowhere, "%dx%d in tiles of %d would be %d tiles; at most %d are allowed",
         width, height, 1 << tile_log2, count(), kMaxTiles);
  }
  const Rect largest = box(0);
  if (int64_t{largest.width} * largest.height > kMaxTilePixels) {
    fail(ErrorCode::kTileTooLarge, Problem::kNowhere,
         "%dx%d in tiles of %d has tiles of %dx%d pixels; at most %lld are allowed", width, height, 1 << tile_log2,
         largest.width, largest.height, static_cast<long long>(kMaxTilePixels));
  }
}

TileGrid TileGrid::of_one(int width, int height) {
  TileGrid grid;
  grid.width_ = width;
  grid.height_ = height;
  while (1 << grid.tile_log2_ < std::max(width, height)) ++grid.tile_log2_;
  return grid;
}

Rect TileGrid::box(int index) const {
  const int side = 1 << tile_log2_;
  const int x = index % columns() * side, y = index / columns() * side;
  return {x, y, std::min(side, width_ - x), std::min(side, height_ - y)};
}

TileRange TileGrid::covering(const Rect& region) const {
  // Written so that no sum can overflow.
  const bool is_within = region.x >= 0 && region.y >= 0 && region.width > 0 && region.height > 0 &&
                         region.width <= width_ - region.x && region.height <= height_ - region.y;
  if (!is_within) {
    fail(ErrorCode::kBadRegion, Problem::kNowhere, "region %d,%d,%d,%d does not lie within %dx%d pixels", region.x,
         region.y, region.width, region.height, width_, height_);
  }
  const int column = region.x >> tile_log2_, row = region.y >> tile_log2_;
  const int last_column = (region.right() - 1) >> tile_log2_, last_row = (region.bottom() - 1) >> tile_log2_;
  return {{column, row, last_column - column + 1, last_row - row + 1}, columns()};
}

Rect TileGrid::around(const Rect& region) const {
  const TileRange range = covering(region);
  const Rect first = box(range[0]), last = box(range[range.count() - 1]);
  return {first.x, first.y, last.right() - first.x, last.bottom() - first.y};
}

int TileGrid::superblocks(int index) const {
  const Rect pixels = box(index);
  const Rect blocks = squares_of({0, 0, pixels.width, pixels.height}, kSuperblockSide);
  return blocks.width * blocks.height;
}

}  // namespace veneer
