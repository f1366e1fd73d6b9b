// A tile of levels as its kernels see it: plain pointers, for sources that may define no shared function.
//
// Place: between levels.cpp, enc_levels.cpp, which have the memory, and level_plane_inl.h.
// Source: docs/format.md, "Levels".
#pragma once
#include <cstddef>
#include <cstdint>

#include "base/jpeg/image.h"
#include "base/jpeg/level_models.h"
#include "common/memory.h"
#include "common/rect.h"

namespace veneer::jpeg {

constexpr int kNowhere = 64;  // a place in arrays of a block that is always 0

// What the blocks that follow need of one.
struct KeptBlock {
  int16_t rows[kBlockSize + 8];       // levels times steps; those from kNowhere on are 0
  int16_t columns[kBlockSize];        // the same by column
  int16_t bottom[2][8], right[2][8];  // pixels of the last two rows and columns, in 1/8
  int16_t dc_error;
  uint8_t inner, edge[2];  // levels other than 0
  bool known;
};

// The blocks of a component in a tile.
struct LevelPlane {
  const int16_t* levels;  // of the first block; those of others when reading are read once they are decoded
  int16_t* decoded;       // the same place when reading; null when writing
  ptrdiff_t stride;       // levels from one row of blocks to the next
  int width, height;      // blocks
  int h, v;               // sampling factors
  const uint16_t* steps;
};

struct LevelTile {
  int count;  // components
  LevelPlane plane[kMaxComponents];
  // Of the widest component: the row of blocks, and the two above.
  KeptBlock* lines[3];
  // What chroma needs of the two planes before it, for each block.
  uint8_t* inner[2];
  int8_t* dc_error[2];
  LevelState state;
};

// The memory of a tile.
class TileMemory {
 public:
  TileMemory(const Image& image, const Rect& mcus, bool mixes) : models_(mixes) {
    size_t widest = 0;
    tile.count = image.count;
    for (int k = 0; k < image.count; ++k) {
      const Component& component = image.component[k];
      LevelPlane& plane = tile.plane[k];
      plane.h = component.h;
      plane.v = component.v;
      const int h = image.count > 1 ? component.h : 1, v = image.count > 1 ? component.v : 1;
      plane.width = mcus.width * h;
      plane.height = mcus.height * v;
      plane.levels = component.block(mcus.y * v, mcus.x * h);
      plane.decoded = nullptr;
      plane.stride = ptrdiff_t{component.blocks_w} * kBlockSize;
      plane.steps = image.quantization[component.table];
      const auto width = static_cast<size_t>(plane.width), blocks = width * static_cast<size_t>(plane.height);
      if (width > widest) widest = width;
      if (k > 1) continue;
      inner_[k].resize(blocks);
      dc_error_[k].resize(blocks);
      tile.inner[k] = inner_[k].data();
      tile.dc_error[k] = dc_error_[k].data();
    }
    for (int i = 0; i < 3; ++i) {
      lines_[i].resize(widest);
      tile.lines[i] = lines_[i].data();
    }
    tile.state = models_.state();
  }

  LevelTile tile = {};

 private:
  LevelModels models_;
  Vector<KeptBlock> lines_[3];
  Vector<uint8_t> inner_[2];
  Vector<int8_t> dc_error_[2];
};

}  // namespace veneer::jpeg
