// Colour conversion of rows and the smoothing of neighbour cells, as loops that a compiler makes vectors of.
//
// Place: included by prediction_<target>.cpp, and so compiled once for each target with its instructions.
// Source: docs/format.md, "Colour" and "Neighbour cells".
#pragma once
#include <cstddef>
#include <cstdint>
#include <cstring>

#include "base/contexts.h"

namespace veneer::VENEER_TARGET {

inline void load_colour(const uint8_t* __restrict rgb, int n, int16_t* __restrict luma, int16_t* __restrict co,
                        int16_t* __restrict cg) {
  for (int x = 0; x < n; ++x) {
    const int16_t r = rgb[3 * x], g = rgb[3 * x + 1], b = rgb[3 * x + 2];
    luma[x] = static_cast<int16_t>(r + 2 * g + b);
    co[x] = static_cast<int16_t>(2 * (r - b));
    cg[x] = static_cast<int16_t>(2 * g - r - b);
  }
}

// Any int16 is a legal luma or chroma here: the sums take 32 bits.
inline uint8_t colour_sample(int value) {
  const int rounded = (value + 2) >> 2;
  return static_cast<uint8_t>(rounded < 0 ? 0 : rounded > 255 ? 255 : rounded);
}

inline void store_colour(const int16_t* __restrict luma, const int16_t* __restrict co, const int16_t* __restrict cg,
                         int n, uint8_t* __restrict rgb) {
  for (int x = 0; x < n; ++x) {
    const int y = luma[x], o = co[x], g = cg[x];
    rgb[3 * x] = colour_sample(y - g + o);
    rgb[3 * x + 1] = colour_sample(y + g);
    rgb[3 * x + 2] = colour_sample(y - g - o);
  }
}

// Twice the mean over the units.
inline void mean_of_units(const UnitCells* units, int count, size_t stride, uint16_t* mean2) {
  const auto* base = reinterpret_cast<const uint8_t*>(units);
  if (count == 1) {
    for (int c = 0; c < kCells; ++c) mean2[c] = static_cast<uint16_t>(base[c] * 2);
    return;
  }
  for (int c = 0; c < kCells; ++c) mean2[c] = static_cast<uint16_t>(base[c] + base[stride + c]);
  for (int i = 2; i < count; ++i) {
    const uint8_t* cell = base + i * stride;
    for (int c = 0; c < kCells; ++c) mean2[c] = static_cast<uint16_t>(mean2[c] + cell[c]);
  }
  int shift = 0;
  while (2 << shift < count) ++shift;
  if (shift == 0) return;
  for (int c = 0; c < kCells; ++c) mean2[c] = static_cast<uint16_t>(mean2[c] >> shift);
}

inline int expected_cells(const UnitCells* top, int top_units, const UnitCells* left, int left_units, size_t stride,
                          uint16_t* __restrict cell) {
  alignas(32) uint16_t n4[kCells], other[kCells];  // 4 N
  if (top && left) {
    mean_of_units(top, top_units, stride, n4);
    mean_of_units(left, left_units, stride, other);
    for (int c = 0; c < kCells; ++c) n4[c] = static_cast<uint16_t>(n4[c] + other[c]);
  } else {
    mean_of_units(top ? top : left, top ? top_units : left_units, stride, n4);
    for (int c = 0; c < kCells; ++c) n4[c] = static_cast<uint16_t>(n4[c] * 2);
  }
  int sum = 0;
  for (int c = 0; c < kCells; ++c) sum += n4[c];
  if (sum == 0) {
    std::memset(cell, 0, sizeof(uint16_t) * kCells);
    return 0;
  }
  // (1 2 1) x (1 2 1) / 16 with replicated borders; 4 N x 16 x 6 / 64 = 6 N x 1. Columns first, where whole rows are
  // vectors. The largest sum, 16 x 4 x 255 x 3, fits 16 bits.
  alignas(32) uint16_t down[kCells];
  for (int u = 0; u < 8; ++u) {
    down[u] = static_cast<uint16_t>(3 * n4[u] + n4[8 + u]);
    down[56 + u] = static_cast<uint16_t>(n4[48 + u] + 3 * n4[56 + u]);
  }
  for (int i = 8; i < 56; ++i) down[i] = static_cast<uint16_t>(n4[i - 8] + 2 * n4[i] + n4[i + 8]);
  alignas(32) uint16_t across[kCells];
  across[0] = static_cast<uint16_t>(3 * down[0] + down[1]);
  across[63] = static_cast<uint16_t>(down[62] + 3 * down[63]);
  for (int i = 1; i < 63; ++i) across[i] = static_cast<uint16_t>(down[i - 1] + 2 * down[i] + down[i + 1]);
  for (int v = 0; v < 8; ++v) {
    const uint16_t* row = down + v * 8;
    across[v * 8] = static_cast<uint16_t>(3 * row[0] + row[1]);
    across[v * 8 + 7] = static_cast<uint16_t>(row[6] + 3 * row[7]);
  }
  // 64 N; (6 x 64 N + 32) / 64 = (3 x 64 N + 16) / 32.
  for (int c = 0; c < kCells; ++c) cell[c] = static_cast<uint16_t>(static_cast<uint16_t>(3 * across[c] + 16) >> 5);
  return sum;
}

}  // namespace veneer::VENEER_TARGET
