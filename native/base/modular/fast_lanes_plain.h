// Operations on the eight predictors of the fast form, in plain C++.
#pragma once
#include <cstdint>

#include "base/modular/fast_form.h"
#include "common/inline.h"

namespace veneer::modular::fast::VENEER_TARGET {
namespace {

// The mean of the predictions at a sample, in 1/16 of a level, and the least of their sums of errors nearby.
struct Blend {
  int32_t value, least;
};
struct Sums {
  int32_t lane[kExperts];
};
struct Errors {
  uint16_t lane[kExperts];
};

VENEER_INLINE Sums no_sums() { return Sums{}; }

// Adds the products of a pair of samples, the left one in the lower half, with the coefficients of each predictor.
VENEER_INLINE Sums add_pair(Sums sums, const int16_t* weight, uint32_t pair) {
  const int32_t left = static_cast<int16_t>(pair & 0xffff), right = static_cast<int16_t>(pair >> 16);
  for (int k = 0; k < kExperts; ++k) sums.lane[k] += weight[2 * k] * left + weight[2 * k + 1] * right;
  return sums;
}

// In 1/16 of a level, from 0 to `most`.
VENEER_INLINE Sums predictions(Sums sums, int middle, int most) {
  for (int32_t& p : sums.lane) {
    p = ((p + 8) >> 4) + middle;
    p = p < 0 ? 0 : p > most ? most : p;
  }
  return sums;
}

VENEER_INLINE Errors load_errors(const uint16_t* e) {
  Errors v;
  for (int k = 0; k < kExperts; ++k) v.lane[k] = e[k];
  return v;
}
VENEER_INLINE void store_errors(uint16_t* e, const Errors& v) {
  for (int k = 0; k < kExperts; ++k) e[k] = v.lane[k];
}
VENEER_INLINE Errors no_errors() { return Errors{}; }
VENEER_INLINE Errors add_errors(Errors a, const Errors& b) {
  for (int k = 0; k < kExperts; ++k) a.lane[k] = static_cast<uint16_t>(a.lane[k] + b.lane[k]);
  return a;
}

// Of a sample of `value` / 16.
VENEER_INLINE Errors errors_of(const Sums& predictions, int value, int unit) {
  Errors v;
  for (int k = 0; k < kExperts; ++k) {
    const int32_t d = predictions.lane[k] - value, e = (d < 0 ? -d : d) >> unit;
    v.lane[k] = static_cast<uint16_t>(e > kMostError ? kMostError : e);
  }
  return v;
}

// The mean of the predictions, each weighted by the fourth power of how near its errors come to the least: 250 for
// those that are it, 0 from 2.66 times as much on. A sum of weights is 250 to 2000, and of products below 2^31.
VENEER_INLINE Blend blend(const Sums& predictions, const Errors& sum) {
  uint32_t least = 65535;
  for (uint16_t s : sum.lane) least = s + 0u < least ? s : least;
  least += kErrorFloor;
  const uint32_t scale = kRatioOne / least;
  uint32_t total = 0, weighted = 0;
  for (int k = 0; k < kExperts; ++k) {
    const uint32_t ratio = (sum.lane[k] + uint32_t{kErrorFloor}) * scale >> 16;
    const uint32_t u = ratio < kRatioEnd ? kRatioEnd - ratio : 0, g = (u * u * u * u) >> 19;
    total += g;
    weighted += g * static_cast<uint32_t>(predictions.lane[k]);
  }
  return {static_cast<int32_t>((weighted + total / 2) / total), static_cast<int32_t>(least) - kErrorFloor};
}

// Which of four samples are above a value, the first in the lowest bit.
VENEER_INLINE int four_above(const int16_t* samples, int value) {
  int bits = 0;
  for (int i = 0; i < 4; ++i) bits |= (samples[i] > value) << i;
  return bits;
}

}  // namespace
}  // namespace veneer::modular::fast::VENEER_TARGET
