// The grid of tiles that a picture is cut into.
// Source: docs/format.md, "Tiles".
#pragma once
#include "common/rect.h"

namespace veneer {

// Tiles next to each other, in columns and rows of the grid.
struct TileRange {
  Rect tiles;       // x, width: columns; y, height: rows
  int columns = 0;  // of the whole grid

  int count() const { return tiles.width * tiles.height; }
  // The number in the grid of the tile at place `i` of the range, 0 <= i < count(); they rise with i.
  int operator[](int i) const { return (tiles.y + i / tiles.width) * columns + tiles.x + i % tiles.width; }
  // `index` is the number of a tile, or -1 for none.
  bool contains(int index) const {
    const int column = index % columns, row = index / columns;
    return index >= 0 && column >= tiles.x && column < tiles.right() && row >= tiles.y && row < tiles.bottom();
  }
};

// Tiles of 2^tile_log2 pixels a side from the top left corner, in raster order; the last ones may be smaller.
class TileGrid {
 public:
  // A picture of one tile, of one pixel.
  TileGrid() = default;
  // Width and height are those of the base picture, 1..65535; tile_log2 is 6..16.
  // Throws Failure of kTooManyTiles or kTileTooLarge.
  TileGrid(int width, int height, int tile_log2);
  // One tile that may be larger than those of a base picture: a preview, whose limit is that on pixels.
  static TileGrid of_one(int width, int height);

  int width() const { return width_; }
  int height() const { return height_; }
  int tile_log2() const { return tile_log2_; }
  int columns() const { return ((width_ - 1) >> tile_log2_) + 1; }
  int rows() const { return ((height_ - 1) >> tile_log2_) + 1; }
  int count() const { return columns() * rows(); }

  // The pixels of a tile, 0 <= index < count().
  Rect box(int index) const;
  // The tiles that have a pixel in `region`. Throws Failure of kBadRegion if that is empty or not in the picture.
  TileRange covering(const Rect& region) const;
  // The rectangle that those tiles make. Throws as of `covering`.
  Rect around(const Rect& region) const;
  // Number of superblocks, squares of 64 x 64 pixels, that a tile is made of.
  int superblocks(int index) const;

 private:
  int width_ = 1, height_ = 1, tile_log2_ = 6;
};

}  // namespace veneer
