// A parsed JPEG: geometry, quantization tables and quantized coefficients. Pixels need nothing else.
//
// Source: docs/format.md, "JPEG base".
#pragma once
#include <cstddef>
#include <cstdint>

#include "common/memory.h"

namespace veneer::jpeg {

constexpr int kMaxComponents = 4;
constexpr int kBlockSide = 8;   // samples in a row of a block
constexpr int kBlockSize = 64;  // coefficients of a block

struct Component {
  int id = 0;
  int h = 1, v = 1;                  // sampling factors, 1..4
  int table = 0;                     // index of its quantization table, 0..3
  int blocks_w = 0, blocks_h = 0;    // blocks that the arrays hold: see set_geometry
  int visible_w = 0, visible_h = 0;  // of them, those that hold samples of the picture: ceil(size * own / most / 8)
  Vector<int16_t> levels;            // [blocks_h][blocks_w][64]: quantized coefficients, natural order (row * 8 +
                                     // column), DC absolute (not differences)

  int16_t* block(int row, int column) {
    return levels.data() +
           (static_cast<size_t>(row) * static_cast<size_t>(blocks_w) + static_cast<size_t>(column)) * 64;
  }
  const int16_t* block(int row, int column) const {
    return levels.data() +
           (static_cast<size_t>(row) * static_cast<size_t>(blocks_w) + static_cast<size_t>(column)) * 64;
  }
};

// What components mean, which markers before the first scan say (docs/format.md, "Pixels of a JPEG").
enum class Colour : uint8_t { kGrey = 0, kYcc = 1, kRgb = 2, kCmyk = 3, kYcck = 4 };

struct Image {
  int width = 0, height = 0;          // 1..65535, unless there is no picture
  int h_most = 1, v_most = 1;         // the greatest sampling factors
  int mcu_columns = 0, mcu_rows = 0;  // of the whole picture: ceil(width / (8 h_most)), ceil(height / (8 v_most))
  int count = 0;                      // components, 0 (no picture) .. 4
  Component component[kMaxComponents];
  uint16_t quantization[4][kBlockSize] = {};  // natural order, 1..65535 where a component uses the table
  Colour colour = Colour::kGrey;  // of one component or two kGrey, of three kYcc or kRgb, of four kCmyk or kYcck
};

// Computes everything that follows from width, height, count and the sampling factors: h_most, v_most, mcu_columns,
// mcu_rows and the numbers of blocks. A single component has MCUs of one block whatever its factors say, as the
// standard has it: they count as 1 for h_most, v_most and the blocks. With more, arrays hold whole MCUs:
// mcu_columns * h by mcu_rows * v blocks.
inline void set_geometry(Image* image) {
  image->h_most = image->v_most = 1;
  if (image->count > 1) {
    for (int i = 0; i < image->count; ++i) {
      if (image->component[i].h > image->h_most) image->h_most = image->component[i].h;
      if (image->component[i].v > image->v_most) image->v_most = image->component[i].v;
    }
  }
  const int w = image->width, h = image->height, h_most = image->h_most, v_most = image->v_most;
  image->mcu_columns = (w + 8 * h_most - 1) / (8 * h_most);
  image->mcu_rows = (h + 8 * v_most - 1) / (8 * v_most);
  for (int i = 0; i < image->count; ++i) {
    Component& c = image->component[i];
    const int own_h = image->count > 1 ? c.h : 1, own_v = image->count > 1 ? c.v : 1;
    c.blocks_w = image->mcu_columns * own_h;
    c.blocks_h = image->mcu_rows * own_v;
    c.visible_w = (w * own_h + 8 * h_most - 1) / (8 * h_most);
    c.visible_h = (h * own_v + 8 * v_most - 1) / (8 * v_most);
  }
}

// Blocks that the arrays of all components hold.
inline int64_t block_count(const Image& image) {
  int64_t blocks = 0;
  for (int i = 0; i < image.count; ++i) {
    blocks += static_cast<int64_t>(image.component[i].blocks_w) * image.component[i].blocks_h;
  }
  return blocks;
}

// Takes memory for the levels, all 0.
inline void allocate_levels(Image* image) {
  for (int i = 0; i < image->count; ++i) {
    Component& c = image->component[i];
    c.levels.assign(static_cast<size_t>(c.blocks_w) * static_cast<size_t>(c.blocks_h) * kBlockSize, 0);
  }
}

}  // namespace veneer::jpeg
