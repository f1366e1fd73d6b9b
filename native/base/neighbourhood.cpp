#include "neighbourhood.h"

#include <algorithm>
#include <cstring>

namespace veneer {
namespace {

// Smallest sum over the cells (N, 1/16 levels x 64) of each block energy class. Normative.
constexpr int kBlockEnergyFirst[kBlockEnergyLevels] = {0, 4, 10, 20, 36, 60, 100, 170, 300, 560, 1100, 2400};

int log2_exact(int n) {
  int log = 0;
  while ((1 << log) < n) ++log;
  return log;
}

// sums[c] = mean over the units, times 2.
void mean_of_units(const UnitCells* units, int count, size_t stride, uint16_t* mean2) {
  const auto* base = reinterpret_cast<const uint8_t*>(units);
  if (count == 1) {
    for (int c = 0; c < kCells; ++c) mean2[c] = static_cast<uint16_t>(base[c] * 2);
    return;
  }
  uint16_t sum[kCells] = {};
  for (int i = 0; i < count; ++i) {
    const uint8_t* cell = base + i * stride;
    for (int c = 0; c < kCells; ++c) sum[c] = static_cast<uint16_t>(sum[c] + cell[c]);
  }
  const int shift = log2_exact(count) - 1;
  for (int c = 0; c < kCells; ++c) mean2[c] = static_cast<uint16_t>(sum[c] >> shift);
}

}  // namespace

void gather_expectation(const UnitCells* top, int top_units, const UnitCells* left, int left_units, size_t stride,
                        Expectation* out) {
  uint16_t n4[kCells] = {};  // 4 N
  if (top && left) {
    uint16_t other[kCells];
    mean_of_units(top, top_units, stride, n4);
    mean_of_units(left, left_units, stride, other);
    for (int c = 0; c < kCells; ++c) n4[c] = static_cast<uint16_t>(n4[c] + other[c]);
  } else if (top || left) {
    mean_of_units(top ? top : left, top ? top_units : left_units, stride, n4);
    for (int c = 0; c < kCells; ++c) n4[c] = static_cast<uint16_t>(n4[c] * 2);
  }
  int sum = 0;
  for (int c = 0; c < kCells; ++c) sum += n4[c];
  int energy = kBlockEnergyLevels - 1;
  while (sum < 4 * kBlockEnergyFirst[energy]) --energy;
  out->energy = energy;
  if (sum == 0) {
    std::memset(out->cell, 0, sizeof out->cell);
    return;
  }
  // (1 2 1) x (1 2 1) / 16 with replicated borders; 4 N x 16 x 6 / 64 = 6 N x 1.
  uint16_t rows[10][8];
  for (int v = 0; v < 8; ++v) {
    const uint16_t* in = n4 + v * 8;
    uint16_t padded[10];
    padded[0] = in[0];
    std::memcpy(padded + 1, in, 16);
    padded[9] = in[7];
    for (int u = 0; u < 8; ++u) rows[v + 1][u] = static_cast<uint16_t>(padded[u] + 2 * padded[u + 1] + padded[u + 2]);
  }
  std::memcpy(rows[0], rows[1], sizeof rows[0]);
  std::memcpy(rows[9], rows[8], sizeof rows[9]);
  for (int v = 0; v < 8; ++v) {
    for (int u = 0; u < 8; ++u) {
      const uint32_t smooth = rows[v][u] + 2u * rows[v + 1][u] + rows[v + 2][u];  // 64 N
      out->cell[v * 8 + u] = static_cast<uint16_t>((smooth * 6 + 32) >> 6);
    }
  }
}

void finish_cells(const uint16_t* sums, const BlockShape& shape, UnitCells* out) {
  uint8_t coarse[kCells];
  const int cw = 1 << shape.coarse_log2_w, ch = 1 << shape.coarse_log2_h;
  for (int v = 0; v < ch; ++v) {
    for (int u = 0; u < cw; ++u) {
      const uint32_t sum = sums[(v << (3 - shape.coarse_log2_h)) * 8 + (u << (3 - shape.coarse_log2_w))];
      coarse[v * 8 + u] = static_cast<uint8_t>(std::min<uint32_t>(255, (sum * 16) >> shape.cell_shift));
    }
  }
  if (cw == 8 && ch == 8) {
    std::memcpy(out->cell, coarse, kCells);
    return;
  }
  for (int v = 0; v < 8; ++v) {
    for (int u = 0; u < 8; ++u) {
      out->cell[v * 8 + u] = coarse[(v >> (3 - shape.coarse_log2_h)) * 8 + (u >> (3 - shape.coarse_log2_w))];
    }
  }
}

}  // namespace veneer
