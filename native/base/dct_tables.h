// The integer basis of the block transforms, computed at compile time from one table of cosines.
//
// Place: included by every transform kernel; the numbers in kCosine are normative.
// Source: docs/format.md, "Inverse transform".
#pragma once
#include <cstdint>

#include "base/dct.h"

namespace veneer {

// round(2^11 sqrt(2) cos(pi j / 128)), j = 0..64. No entry is near a rounding tie.
inline constexpr int16_t kCosine[65] = {2896, 2895, 2893, 2888, 2882, 2875, 2865, 2854, 2841, 2826, 2810, 2791, 2772,
                                        2750, 2727, 2702, 2676, 2648, 2618, 2587, 2554, 2520, 2484, 2447, 2408, 2368,
                                        2326, 2283, 2239, 2193, 2146, 2098, 2048, 1997, 1945, 1892, 1837, 1782, 1725,
                                        1668, 1609, 1550, 1489, 1428, 1365, 1302, 1238, 1174, 1108, 1042, 976,  909,
                                        841,  772,  704,  635,  565,  495,  425,  355,  284,  213,  142,  71,   0};

inline constexpr int kBasisOne = 2048;  // 2^11: the value of the constant basis function

// kCosine continued to all integers: period 256, even about 0, odd about 64.
static constexpr int cosine(int j) {
  int folded = j & 255;
  if (folded > 128) folded = 256 - folded;
  return folded <= 64 ? kCosine[folded] : -kCosine[128 - folded];
}

// 2^11 B_n[k][i].
static constexpr int basis_value(Tx type, int n, int k, int i) {
  if (type == Tx::kDst) return cosine((2 * n - (2 * i + 1) * (2 * k + 1)) * (32 / n));
  return k == 0 ? kBasisOne : cosine((2 * i + 1) * k * (64 / n));
}

// A square matrix whose neighbours in a row are read as one 32-bit pair.
template <int N>
struct SquareTable {
  alignas(4) int16_t value[N][N];
};

// DCT and DST of N points, [frequency][sample]. The DST is symmetric.
template <Tx kType, int N>
static constexpr SquareTable<N> full_table() {
  SquareTable<N> table{};
  for (int k = 0; k < N; ++k) {
    for (int i = 0; i < N; ++i) table.value[k][i] = static_cast<int16_t>(basis_value(kType, N, k, i));
  }
  return table;
}

// Odd frequencies 2j + 1 of a DCT of 2M points at its first M samples; symmetric (a DCT-IV).
template <int M>
static constexpr SquareTable<M> odd_table() {
  SquareTable<M> table{};
  for (int j = 0; j < M; ++j) {
    for (int i = 0; i < M; ++i) {
      table.value[j][i] = static_cast<int16_t>(basis_value(Tx::kDct, 2 * M, 2 * j + 1, i));
    }
  }
  return table;
}

template <Tx kType, int N>
inline constexpr SquareTable<N> kFullTable = full_table<kType, N>();
template <int M>
inline constexpr SquareTable<M> kOddTable = odd_table<M>();

}  // namespace veneer
