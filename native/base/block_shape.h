// What depends on the size of a block alone: scan order, context classes of positions, frequency cells.
// Source: docs/format.md, "Block shapes and scans".
#pragma once
#include <cstdint>

namespace veneer {

constexpr int kCells = 64;               // 8x8 cells of normalized frequency
constexpr int kDiagonalClasses = 10;     // context classes of u + v
constexpr int kSizeClasses = 3;          // coefficient contexts by area: up to 32, up to 256, larger
constexpr int kMaxShapeCount = 32 * 32;  // coded frequencies of the largest blocks
constexpr int kShapeClasses = 8;         // contexts of Last by log2 of the area: 4, 5, ... 10, 12

struct BlockShape {
  int log2_w, log2_h;
  int w, h;                          // samples
  int fw, fh;                        // coded frequencies, min(side, 32)
  int count;                         // fw * fh
  int size_class;                    // 0..kSizeClasses - 1
  int shape_class;                   // 0..kShapeClasses - 1
  int cell_shift;                    // log2 of the number of frequencies of one (coarse) cell
  int coarse_log2_w, coarse_log2_h;  // log2 of the cells per dimension, at most 3
  // The first `count` of each, by scan position (of `behind` 5 entries for each).
  uint16_t scan[kMaxShapeCount];      // raster position v * fw + u, low frequencies first
  uint16_t padded[kMaxShapeCount];    // the same position in an array of stride fw + 2, offset by (2, 2)
  uint8_t diagonal[kMaxShapeCount];   // diagonal class
  uint8_t cell[kMaxShapeCount];       // cell of the 8x8 map (upper left one of its cells)
  uint8_t frequency[kMaxShapeCount];  // sum of the cell's coordinates, 0..14, for the frequency weighting
  // Scan positions whose context the magnitude at i changes: left, up, left up, two left, two up; -1: none.
  int16_t behind[kMaxShapeCount * 5];
  int reach;                                               // largest distance of those, in scan positions
  uint8_t last_u[kMaxShapeCount], last_v[kMaxShapeCount];  // largest u and v among scan positions 0..i
};

// Shape of a block of 2^log2_w x 2^log2_h samples; 2..6 each, at most 2:1 apart.
const BlockShape& block_shape(int log2_w, int log2_h);

}  // namespace veneer
