// Distributions and mixing of the photo form, portable: what the others are tested against.
//
// Place: included before photo_rows_inl.h; VENEER_TARGET names the namespace.
// Source: docs/format.md, "Photo form".
#pragma once
#include "base/modular/photo_regressions_inl.h"

namespace veneer::modular::photo::VENEER_TARGET {
namespace {

struct Eight {
  int32_t of[8];
};

VENEER_INLINE void store_eight(int32_t* to, const Eight& values) {
  for (int i = 0; i < 8; ++i) to[i] = values.of[i];
}

// Weighted errors around a sample, in 1/512 of a level: `errors` at the sample, and in the two rows above it, with 8
// values a sample.
VENEER_INLINE Eight activity_of(const uint16_t* errors, const uint16_t* up, const uint16_t* up2) {
  Eight out;
  for (int i = 0; i < 8; ++i) {
    out.of[i] =
        8 * (errors[i - 8] + up[i]) + 4 * (up[i - 8] + up[i + 8]) + 3 * (errors[i - 16] + up2[i]) + 2 * up[i + 16];
  }
  return out;
}

// Logistic distributions of a sample: centres in 1/64 of a level, scales in 1/512, and inverses of scales so that a
// distance in 1/64 times the inverse is a logit in 1/2^24. Beyond `limit` logits do not grow.
struct Distributions {
  Eight centre, inverse, limit;
};

// errors: what the scales follow from, where the last two are given apart.
VENEER_INLINE Distributions distributions_of(const int32_t* centres, const Eight& errors, int32_t error_6,
                                             int32_t error_7) {
  Distributions d;
  for (int i = 0; i < kDistributions; ++i) {
    const int32_t error = i < 6 ? errors.of[i] : i == 6 ? error_6 : error_7;
    const int32_t wide = (error * 5 >> 3) + 31, scale = wide < 51 ? 51 : wide;
    const Inverse by = inverse_of(static_cast<uint32_t>(scale));
    d.centre.of[i] = centres[i];
    d.inverse.of[i] = by.shift <= 15 ? by.multiplier << (15 - by.shift) : by.multiplier >> (by.shift - 15);
    d.limit.of[i] = 2 * scale;
  }
  return d;
}

// distance * inverse is below 2^29.
VENEER_INLINE int32_t logit_of(const Distributions& d, int i, int32_t distance, int32_t most) {
  return clamped((clamped(distance, -d.limit.of[i], d.limit.of[i]) * d.inverse.of[i]) >> 16, -most, most);
}

// Logits of the sample lying above a place between two levels.
VENEER_INLINE Eight above(const Distributions& d, int32_t place) {
  Eight logits;
  for (int i = 0; i < kDistributions; ++i) logits.of[i] = logit_of(d, i, d.centre.of[i] - place, kMostLogit);
  return logits;
}

// Logits of the sample lying `levels` levels beyond a place, given that it lies beyond it. direction: 1 upwards, -1
// downwards.
VENEER_INLINE Eight beyond(const Distributions& d, int32_t place, int32_t direction, int32_t levels) {
  Eight logits;
  for (int i = 0; i < kDistributions; ++i) {
    const int32_t reached = logit_of(d, i, direction * (d.centre.of[i] - place), kMaxLogit);
    const int64_t width = (static_cast<int64_t>(levels) * 64 * d.inverse.of[i]) >> 16;
    const auto bounded = static_cast<int32_t>(clamped<int64_t>(width, 1, kMaxLogit));
    logits.of[i] = clamped(softplus(reached) - log_of_growth(bounded), -kMostLogit, kMostLogit);
  }
  return logits;
}

// Logits of six models, and the inputs behind them.
VENEER_INLINE Eight logits_of(const int16_t* logit, const BitModel* const* models, int node, int32_t constant) {
  Eight logits;
  for (int i = 0; i < kContexts; ++i) logits.of[i] = logit[models[i][node].state >> 20];
  logits.of[6] = constant, logits.of[7] = 0;
  return logits;
}

// The mean of logits with two sets of weights added, in 1/2^16 of a logit's unit: weights of 2^19 times logits below 2^12,
// in 1/256, 16 times: below 2^27.
VENEER_INLINE int32_t mix(const int32_t* a, const int32_t* b, const Eight& x, const Eight& y) {
  int32_t sum = 0;
  for (int i = 0; i < 8; ++i) sum += (((a[i] + b[i]) >> 4) * x.of[i]) >> 4;
  for (int i = 0; i < 8; ++i) sum += (((a[i + 8] + b[i + 8]) >> 4) * y.of[i]) >> 4;
  return sum;
}

VENEER_INLINE void adapt_eight(int32_t* weights, const Eight& logits, int32_t error) {
  for (int i = 0; i < 8; ++i) {
    const int32_t change = (logits.of[i] * error + (1 << (kShareShift - 1))) >> kShareShift;
    weights[i] = clamped(weights[i] + change, -kMostShare, kMostShare);
  }
}

// Moves both sets of weights; error is 65536 times the decision, less its probability.
VENEER_INLINE void adapt(int32_t* a, int32_t* b, const Eight& x, const Eight& y, int32_t error) {
  adapt_eight(a, x, error), adapt_eight(a + 8, y, error);
  adapt_eight(b, x, error), adapt_eight(b + 8, y, error);
}

}  // namespace
}  // namespace veneer::modular::photo::VENEER_TARGET
