// What the inverse and the forward transform share in the reference kernels.
//
// Place: included by dct_scalar.cpp and enc_kernels_scalar.cpp. Source: docs/format.md, "Inverse transform".
#pragma once
#include <cstdint>

#include "base/dct.h"
#include "base/dct_tables.h"

namespace veneer {
namespace {

inline int16_t saturate16(int32_t value) {
  return static_cast<int16_t>(value < -32768 ? -32768 : value > 32767 ? 32767 : value);
}

// Sums are taken modulo 2^32, which only a hostile stream (64-point, huge coefficients) can notice.
inline uint32_t product(int basis_entry, int value) { return static_cast<uint32_t>(basis_entry * value); }

// (sum + half) >> shift on the two's complement value of `sum`.
inline int32_t round_shift(uint32_t sum, int shift) { return static_cast<int32_t>(sum + (1u << (shift - 1))) >> shift; }

inline int coded(int size) { return size < kMaxFrequencies ? size : kMaxFrequencies; }

// One dimension of the basis, [frequency][sample].
struct Basis {
  int16_t value[kMaxFrequencies][kMaxBlock];

  Basis(Tx type, int n) {
    for (int k = 0; k < coded(n); ++k) {
      for (int i = 0; i < n; ++i) value[k][i] = static_cast<int16_t>(basis_value(type, n, k, i));
    }
  }
};

// Built once for each of the 8 dimensions a block can have.
inline const Basis& basis_of(Tx type, int log2_n) {
  static const Basis dct[] = {{Tx::kDct, 4}, {Tx::kDct, 8}, {Tx::kDct, 16}, {Tx::kDct, 32}, {Tx::kDct, 64}};
  static const Basis dst[] = {{Tx::kDst, 4}, {Tx::kDst, 8}, {Tx::kDst, 16}};
  return type == Tx::kDst ? dst[log2_n - 2] : dct[log2_n - 2];
}

}  // namespace
}  // namespace veneer
