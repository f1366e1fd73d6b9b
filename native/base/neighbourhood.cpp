#include "neighbourhood.h"

#include <algorithm>
#include <cstring>

#include "prediction_kernels.h"

namespace veneer {
namespace {

// Smallest sum over the cells (N, 1/16 levels x 64) of each block energy class. Normative.
constexpr int kBlockEnergyFirst[kBlockEnergyLevels] = {0, 4, 10, 20, 36, 60, 100, 170, 300, 560, 1100, 2400};

}  // namespace

void gather_expectation(const UnitCells* top, int top_units, const UnitCells* left, int left_units, size_t stride,
                        Expectation* out) {
  int sum = 0;
  if (top || left) {
    sum = prediction_kernels().expected_cells(top, top_units, left, left_units, stride, out->cell);
  } else {
    std::memset(out->cell, 0, sizeof out->cell);
  }
  int energy = kBlockEnergyLevels - 1;
  while (sum < 4 * kBlockEnergyFirst[energy]) --energy;
  out->energy = energy;
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
  const int shift_w = 3 - shape.coarse_log2_w, rows = 8 >> shape.coarse_log2_h;
  for (int v = 0; v < ch; ++v) {
    uint8_t row[8];
    for (int u = 0; u < 8; ++u) row[u] = coarse[v * 8 + (u >> shift_w)];
    for (int r = 0; r < rows; ++r) std::memcpy(out->cell + (v * rows + r) * 8, row, 8);
  }
}

}  // namespace veneer
