// The mixer of contexts: logits of a decision, weighted with the sum of several sets of weights that adapt.
//
// Place: used by the graphics form of lossless tiles and by the levels of JPEG files.
// Source: docs/format.md, "Mixing colours".
#pragma once
#include <algorithm>
#include <cstdint>

#include "common/inline.h"

namespace veneer {

constexpr int32_t kConstantLogit = 256;  // the last logit of a decision
// The sum of three weights, in 1/1024, fits 16 bits and the sum of 16 products of it with a logit 31:
// 3 * 2^18 / 64 * 3072 * 16 < 2^30.
constexpr int32_t kMaxWeight = 1 << 18;

// 65536 is 1.0. kCount is at most 16.
template <int kCount>
struct WeightsOf {
  int32_t weight[kCount] = {};
};

// Weights that come with the number of decisions they have seen: the first are learnt faster.
template <int kCount>
struct CountedWeightsOf : WeightsOf<kCount> {
  int32_t seen = 0;
};

constexpr int32_t kLastSeen = 65535;

// base * (1 + 6 / (1 + seen / 128)); at most 7 * base.
VENEER_INLINE int32_t learning_rate(int32_t base, int32_t seen) {
  return base + static_cast<int32_t>(static_cast<uint32_t>(base) * 768u / (128u + static_cast<uint32_t>(seen)));
}

// How far a decision moves weights, for each unit of their logits: error is 65536 times the decision, less its
// probability; base 0..2^17. |error| < 2^16 and the rate <= 7 * 2^17, so |result| <= 7 * 2^15; its product with a logit
// < 2^30.
template <int kCount>
VENEER_INLINE int32_t weight_step(int64_t error, int32_t base, CountedWeightsOf<kCount>* first) {
  const auto step = static_cast<int32_t>((error * learning_rate(base, first->seen) + (1 << 17)) >> 18);
  first->seen += first->seen < kLastSeen;
  return step;
}

// The logit of a decision, in 1/256, not limited. `c` may be null.
template <int kCount>
VENEER_INLINE int32_t mix(const int16_t (&logit)[kCount], const WeightsOf<kCount>& a, const WeightsOf<kCount>& b,
                          const WeightsOf<kCount>* c) {
  int32_t sum = 0;
  if (c) {
    for (int i = 0; i < kCount; ++i) {
      sum += static_cast<int16_t>((a.weight[i] + b.weight[i] + c->weight[i]) >> 6) * logit[i];
    }
  } else {
    for (int i = 0; i < kCount; ++i) sum += static_cast<int16_t>((a.weight[i] + b.weight[i]) >> 6) * logit[i];
  }
  return sum >> 10;
}

// `scaled` is from weight_step(); `c` may be null.
template <int kCount>
VENEER_INLINE void move_weights(const int16_t (&logit)[kCount], int32_t scaled, WeightsOf<kCount>* a,
                                WeightsOf<kCount>* b, WeightsOf<kCount>* c) {
  int32_t step[kCount];
  for (int i = 0; i < kCount; ++i) step[i] = (logit[i] * scaled + (1 << 13)) >> 14;
  for (int i = 0; i < kCount; ++i) a->weight[i] = std::clamp(a->weight[i] + step[i], -kMaxWeight, kMaxWeight);
  for (int i = 0; i < kCount; ++i) b->weight[i] = std::clamp(b->weight[i] + step[i], -kMaxWeight, kMaxWeight);
  if (c) {
    for (int i = 0; i < kCount; ++i) c->weight[i] = std::clamp(c->weight[i] + step[i], -kMaxWeight, kMaxWeight);
  }
}

}  // namespace veneer
