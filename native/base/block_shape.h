// What depends on the size of a block alone: scan order, context classes of positions, frequency cells.
// Source: docs/format.md, "Block shapes and scans".
#pragma once
#include <cstdint>
#include <vector>

namespace veneer {

constexpr int kCells = 64;            // 8x8 cells of normalized frequency
constexpr int kDiagonalClasses = 10;  // context classes of u + v
constexpr int kSizeClasses = 3;       // coefficient contexts by area: up to 32, up to 256, larger
constexpr int kShapeClasses = 8;      // contexts of Last by log2 of the area: 4, 5, ... 10, 12

struct BlockShape {
  int log2_w, log2_h;
  int w, h;                          // samples
  int fw, fh;                        // coded frequencies, min(side, 32)
  int count;                         // fw * fh
  int size_class;                    // 0..kSizeClasses - 1
  int shape_class;                   // 0..kShapeClasses - 1
  int cell_shift;                    // log2 of the number of frequencies of one (coarse) cell
  int coarse_log2_w, coarse_log2_h;  // log2 of the cells per dimension, at most 3
  std::vector<uint16_t> scan;        // [count] raster position v * fw + u, low frequencies first
  std::vector<uint16_t> padded;      // [count] the same position in an array of stride fw + 2, offset by (2, 2)
  std::vector<uint8_t> diagonal;     // [count] diagonal class by scan position
  std::vector<uint8_t> cell;         // [count] cell of the 8x8 map by scan position (upper left one of its cells)
  std::vector<uint8_t> frequency;    // [count] sum of the cell's coordinates, 0..14, for the frequency weighting
  std::vector<int16_t> behind;  // [count][5] scan positions that a magnitude at i weighs on: left, up, left up, two
                                // left, two up; -1 where there is none
  int reach;                    // largest distance of those, in scan positions
  std::vector<uint8_t> last_u, last_v;  // [count] largest u and v among scan positions 0..i
};

// Shape of a block of 2^log2_w x 2^log2_h samples; 2..6 each, at most 2:1 apart.
const BlockShape& block_shape(int log2_w, int log2_h);

}  // namespace veneer
