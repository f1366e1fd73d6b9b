// Approximations in integers of what the photo form computes with: inverses, logarithms, logits of the tails of logistic
// distributions. They are normative: every decoder has the same.
//
// Source: docs/format.md, "Photo form".
#pragma once
#include <cstdint>

#include "common/bits.h"
#include "common/inline.h"
#include "entropy/logistic.h"

namespace veneer::modular {

// About 1 / x: multiplier / 2^(12 + shift), with 2050 <= multiplier <= 4096.
struct Inverse {
  int32_t multiplier;
  int32_t shift;
};

// The eight bits of x >= 1 below its highest one.
VENEER_INLINE uint32_t mantissa_of(uint32_t x, int highest) {
  return (highest >= 8 ? x >> (highest - 8) : x << (8 - highest)) & 255;
}

struct InverseTable {
  int32_t of[256];
};
constexpr InverseTable make_inverses() {
  InverseTable table{};
  for (uint32_t m = 0; m < 256; ++m) table.of[m] = static_cast<int32_t>((1u << 20) / (256 + m));
  return table;
}
inline constexpr auto kInverses = make_inverses();

VENEER_INLINE Inverse inverse_of(uint32_t x) {
  const int shift = highest_bit(x);
  return {kInverses.of[mantissa_of(x, shift)], shift};
}

// Eight bits of the binary logarithm of 1 + m / 256, by squaring.
struct LogarithmTable {
  uint8_t of[256 + 3];  // read four bytes at a time
};
constexpr LogarithmTable make_logarithms() {
  LogarithmTable table{};
  for (uint64_t m = 0; m < 256; ++m) {
    uint64_t y = (256 + m) << 22;  // 30 bits behind the point
    uint32_t logarithm = 0;
    for (int i = 0; i < 8; ++i) {
      y = y * y >> 30;
      const uint32_t bit = y >> 31 != 0;
      y >>= bit;
      logarithm = logarithm << 1 | bit;
    }
    table.of[m] = static_cast<uint8_t>(logarithm);
  }
  return table;
}
inline constexpr auto kLogarithms = make_logarithms();

// The binary logarithm of x >= 1 in 1/256.
VENEER_INLINE int32_t log2_of(uint32_t x) {
  const int highest = highest_bit(x);
  return highest * 256 + kLogarithms.of[mantissa_of(x, highest)];
}

// round(256 ln(1 + exp(j / 4))) - 64 j, that is 256 ln(1 + exp(-j / 4)), at j = 0 .. 48.
inline constexpr int16_t kSoftplusKnots[49] = {177, 147, 121, 99, 80, 64, 52, 41, 32, 26, 20, 16, 12, 10, 8, 6, 5,
                                               4,   3,   2,   2,  1,  1,  1,  1,  0,  0,  0,  0,  0,  0,  0, 0, 0,
                                               0,   0,   0,   0,  0,  0,  0,  0,  0,  0,  0,  0,  0,  0,  0};

// round(256 ln((exp(j / 4) - 1) / (j / 4))) at j = 0 .. 48, where the first is the limit.
inline constexpr int16_t kGrowthKnots[49] = {
    0,    33,   67,   102,  139,  176,  216,  256,  297,  340,  384,  428,  474,  520,  567,  616,  664,
    714,  764,  815,  866,  918,  971,  1023, 1077, 1130, 1184, 1239, 1294, 1349, 1404, 1460, 1516, 1572,
    1628, 1685, 1741, 1798, 1856, 1913, 1971, 2028, 2086, 2144, 2202, 2260, 2319, 2377, 2436};

// Each knot below and the one after it, for instructions that multiply and add pairs.
struct KnotPairs {
  int32_t of[49];
};
constexpr KnotPairs make_pairs_of(const int16_t (&knots)[49]) {
  KnotPairs pairs{};
  for (int j = 0; j < 49; ++j) pairs.of[j] = knots[j] | (j < 48 ? knots[j + 1] : 0) << 16;
  return pairs;
}
inline constexpr auto kSoftplusPairs = make_pairs_of(kSoftplusKnots);
inline constexpr auto kGrowthPairs = make_pairs_of(kGrowthKnots);

VENEER_INLINE int32_t between_knots(const int16_t (&knots)[49], int32_t x) {
  const int32_t j = x >> 6, fraction = x & 63;
  return j == 48 ? knots[48] : (knots[j] * (64 - fraction) + knots[j + 1] * fraction + 32) >> 6;
}

// About ln(1 + exp(x)), all in 1/256, for -kMaxLogit <= x <= kMaxLogit.
VENEER_INLINE int32_t softplus(int32_t x) { return between_knots(kSoftplusKnots, x < 0 ? -x : x) + (x < 0 ? 0 : x); }

// About ln(exp(d) - 1), all in 1/256, for 1 <= d <= kMaxLogit. ln 2 is 177.45 / 256.
VENEER_INLINE int32_t log_of_growth(int32_t d) {
  return between_knots(kGrowthKnots, d) + ((log2_of(static_cast<uint32_t>(d)) - 2048) * 177 >> 8);
}

}  // namespace veneer::modular
