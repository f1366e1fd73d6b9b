// Expected magnitudes of a block's coefficients, from the blocks above and to the left.
// Source: docs/format.md, "Neighbour cells".
#pragma once
#include <array>
#include <cstddef>

#include "contexts.h"

namespace veneer {

// What the neighbours say about a block of one plane.
struct Expectation {
  uint16_t cell[kCells];  // 6 x smoothed mean of the neighbours' cells (6 N, N in 1/16 levels)
  int energy;             // 0..kBlockEnergyLevels - 1, of the sum over the cells
};

// Units of a UnitCells array lie `stride` bytes apart; a null pointer says that the side is unavailable.
void gather_expectation(const UnitCells* top, int top_units, const UnitCells* left, int left_units, size_t stride,
                        Expectation* out);

// Smallest E of each energy class. Geometric above 5, by a factor of 2^(1/3). Normative.
inline constexpr int kEnergyFirst[kEnergyLevels] = {0,  1,  2,  3,  4,  5,  7,   9,   11,  14,  18,  22,
                                                    28, 35, 44, 56, 70, 88, 111, 140, 176, 240, 340, 500};
constexpr int kEnergyRange = 512;

constexpr std::array<uint8_t, kEnergyRange> make_energy_classes() {
  std::array<uint8_t, kEnergyRange> table{};
  int level = 0;
  for (int e = 0; e < kEnergyRange; ++e) {
    while (level + 1 < kEnergyLevels && e >= kEnergyFirst[level + 1]) ++level;
    table[e] = static_cast<uint8_t>(level);
  }
  return table;
}
inline constexpr auto kEnergyClass = make_energy_classes();

// Class of E = (23 acc + 6 N) >> 4 in 1/16 levels: acc is the weighted sum of the magnitudes already coded around
// a coefficient, six_n the expectation of its cell.
inline int energy_class(int acc, int six_n) {
  const int e = (23 * acc + six_n) >> 4;
  return kEnergyClass[e < kEnergyRange ? e : kEnergyRange - 1];
}

// Sums of magnitudes by coarse cell -> the 8x8 cells of a coded block.
void finish_cells(const uint16_t* sums, const BlockShape& shape, UnitCells* out);

}  // namespace veneer
