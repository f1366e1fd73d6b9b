#include "tile_decoder.h"

#include <algorithm>
#include <cstring>

#include "screen.h"
#include "tile_filters.h"
#include "tree.h"

namespace veneer {
namespace {

// What TreeWalker asks of a reader.
class LeafReader {
 public:
  LeafReader(BitReader& io, Tile& tile, const TileMaps* maps) : io_(io), tile_(tile), maps_(maps) {}

  Split next_split() { return kLeaf; }
  int step_offset(int, int, int) { return 0; }
  void screen(const Leaf& leaf) {
    if (maps_) describe(leaf);
  }

  void leaf(Leaf& leaf) {
    const BlockShape& shape = leaf.shape();
    const int matrix = tile_.params.matrix;
    const HalfSteps steps[2] = {{tile_.leaf_step_position(leaf, 0), matrix},
                                {leaf.planes() == 2 ? tile_.leaf_step_position(leaf, 1) : 0, matrix}};
    code_leaf(
        io_, tile_, *tile_.models, leaf, [](int, int) { return 0; },
        [&](int p, int i, int value) {
          coef_[p][shape.scan[i]] = dequantize(value, steps[p].scale[shape.frequency[i]]);
        });
    if (maps_) describe(leaf);
    const int16_t* const coef[2] = {coef_[0], coef_[1]};
    tile_.reconstruct(leaf, coef);
    for (int p = 0; p < leaf.planes(); ++p) {
      if (leaf.count[p] > 0) {
        std::memset(coef_[p], 0, sizeof(int16_t) * shape.fw * (shape.last_v[leaf.count[p] - 1] + 1));
      }
    }
  }

 private:
  // Numbers of bits of a count: 0 for none, 1 for 1, 2 for 2 and 3, ...
  static uint8_t magnitude(int count) {
    int bits = 0;
    for (; count > 0; count >>= 1) ++bits;
    return static_cast<uint8_t>(bits);
  }

  // Luma: left and upper edge of its block, size, coefficients; chroma: edges, coefficients of Co and of Cg.
  void describe(const Leaf& leaf) {
    const int x0 = leaf.x / kUnit, y0 = leaf.y / kUnit, first = leaf.tree == kLumaTree ? 0 : 4;
    const int columns = std::min(1 << (leaf.log2_w - 2), tile_.units_w - x0);
    const int rows = std::min(1 << (leaf.log2_h - 2), tile_.units_h - y0);
    const uint8_t third = leaf.tree == kLumaTree ? leaf.log2_w + leaf.log2_h : magnitude(leaf.count[0]);
    const uint8_t fourth = magnitude(leaf.count[leaf.tree == kLumaTree ? 0 : 1]);
    const uint8_t step = static_cast<uint8_t>(leaf.tree == kLumaTree ? tile_.leaf_step_index(leaf, 0) : 0);
    for (int y = 0; y < rows; ++y) {
      const ptrdiff_t row = (y0 + y) * maps_->stride + x0;
      if (leaf.tree == kLumaTree) std::memset(maps_->steps + row, step, columns);
      for (int x = 0; x < columns; ++x) {
        uint8_t* unit = maps_->maps + (row + x) * kMaps + first;
        unit[0] = x == 0;
        unit[1] = y == 0;
        unit[2] = third;
        unit[3] = fourth;
      }
    }
  }

  BitReader& io_;
  Tile& tile_;
  const TileMaps* maps_;
  alignas(64) int16_t coef_[2][kMaxFrequencies * kMaxFrequencies] = {};
};

// Superblocks in turn: screen content, where the tile can have any, then the trees.
class TileReader {
 public:
  TileReader(const uint8_t* data, size_t size, Tile* tile, const TileMaps* maps)
      : io_(data, size), leaves_(io_, *tile, maps), walker_(io_, *tile, leaves_) {
    if (tile->params.tools & kToolScreen) screen_ = make_owned<ScreenCoder<NoJournal>>(*tile);
  }

  const BitReader& io() const { return io_; }

  void superblock(int x, int y) {
    if (screen_) {
      NoScreenChoices none;
      screen_->superblock(io_, x, y, 0, none);
    }
    walker_.superblock(x, y);
    if (screen_) screen_->finish_superblock(x, y);
  }

 private:
  BitReader io_;
  LeafReader leaves_;
  TreeWalker<BitReader, LeafReader> walker_;
  Owned<ScreenCoder<NoJournal>> screen_;
};

}  // namespace

void clear_maps(const Tile& tile, const TileMaps& maps, int first) {
  const int across = (tile.units_w + kSuperblockUnits - 1) / kSuperblockUnits;
  for (int y = 0; y < tile.units_h; ++y) {
    const int start = std::clamp((first - y / kSuperblockUnits * across) * kSuperblockUnits, 0, tile.units_w);
    std::memset(maps.steps + y * maps.stride + start, tile.params.step_index, tile.units_w - start);
    for (int x = start; x < tile.units_w; ++x) {
      const uint8_t left = x % kSuperblockUnits == 0, upper = y % kSuperblockUnits == 0;
      const uint8_t unit[kMaps] = {left, upper, 12, 0, left, upper, 0, 0};
      std::memcpy(maps.maps + (y * maps.stride + x) * kMaps, unit, kMaps);
    }
  }
}

bool decode_tile(const uint8_t* data, size_t size, int rows, Tile* tile, const TileMaps* maps) {
  TileFilter filter;
  if (tile->params.tools & kToolFilters) {
    const int taken = read_tile_filter(data, size, tile->colour ? 3 : 1, &filter);
    if (taken < 0) return false;
    data += taken;
    size -= taken;
  }
  const int wanted = rows;
  if (filter.any()) rows = std::min(rows + kTileFilterMargin, tile->height);
  TileReader reader(data, size, tile, maps);
  for (int y = 0; y < rows; y += kSuperblock) {
    tile->start_superblock_row();
    for (int x = 0; x < tile->width; x += kSuperblock) reader.superblock(x, y);
    if (!reader.io().valid()) return false;
  }
  filter_tile(filter, std::min(wanted, tile->height), tile);
  return true;
}

int decode_cut_tile(const uint8_t* data, size_t size, Tile* tile, const TileMaps* maps) {
  if (tile->params.tools & kToolFilters) {
    // What is cut is not filtered.
    if (size < 1 || size - 1 < data[0]) return 0;
    const size_t taken = size_t{1} + data[0];
    data += taken;
    size -= taken;
  }
  TileReader reader(data, size, tile, maps);
  int count = 0;
  for (int y = 0; y < tile->height; y += kSuperblock) {
    tile->start_superblock_row();
    for (int x = 0; x < tile->width; x += kSuperblock) {
      reader.superblock(x, y);
      if (!reader.io().certain()) return count;
      ++count;
    }
  }
  return count;
}

}  // namespace veneer
