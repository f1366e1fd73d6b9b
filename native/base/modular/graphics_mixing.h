// Decisions of the graphics form: each is predicted by adaptive models, whose logits are mixed with the sum of several
// sets of weights.
// Source: docs/format.md, "Mixing colours".
#pragma once
#include <algorithm>
#include <cstddef>
#include <cstdint>

#include "base/bit_io.h"
#include "common/memory.h"
#include "entropy/logistic.h"

namespace veneer::modular::graphics {

constexpr int kInputs = 16;  // models of a decision and, last, a constant
constexpr int kModels = kInputs - 1;
constexpr int kConstantLogit = 256;
constexpr int32_t kFirstWeight = 10500;  // 65536 is 1.0
// The sum of three weights, in 1/1024, fits 16 bits and the sum of 16 products of it with a logit 31:
// 3 * 2^18 / 64 * 3072 * 16 < 2^30.
constexpr int32_t kMaxWeight = 1 << 18;

struct Weights {
  int32_t weight[kInputs] = {};
};

// Weights that come with the number of decisions they have seen: the first are learnt faster.
struct FirstWeights : Weights {
  FirstWeights() { std::fill_n(weight, kInputs, kFirstWeight); }
  int32_t seen = 0;
};

constexpr int32_t kLastSeen = 65535;

// base * (1 + 6 / (1 + seen / 128)); at most 7 * base.
inline int32_t learning_rate(int32_t base, int32_t seen) {
  return base + static_cast<int32_t>(static_cast<uint32_t>(base) * 768u / (128u + static_cast<uint32_t>(seen)));
}

// One decision by the models given; `b` and `c` are further sets of weights. base: 0..2^17.
template <class Io>
int mixed_bit(Io& io, BitModel* const (&models)[kModels], FirstWeights& a, Weights& b, Weights* c, int32_t base,
              int value) {
  int16_t logit[kInputs];
  for (int i = 0; i < kModels; ++i) logit[i] = kLogit[models[i]->state >> 20];
  logit[kModels] = kConstantLogit;
  int32_t sum = 0;
  if (c) {
    for (int i = 0; i < kInputs; ++i) {
      sum += static_cast<int16_t>((a.weight[i] + b.weight[i] + c->weight[i]) >> 6) * logit[i];
    }
  } else {
    for (int i = 0; i < kInputs; ++i) sum += static_cast<int16_t>((a.weight[i] + b.weight[i]) >> 6) * logit[i];
  }
  const int32_t p1 = kLogistic[static_cast<size_t>(std::clamp(sum >> 10, -kMaxLogit, kMaxLogit) + kMaxLogit)];
  value = io.bit_at(static_cast<uint32_t>(p1), value);

  // |error| < 2^16 and the rate <= 7 * 2^17, so |scaled| <= 7 * 2^15; its product with a logit < 2^30.
  const int64_t error = (value << 16) - p1;
  const auto scaled = static_cast<int32_t>((error * learning_rate(base, a.seen) + (1 << 17)) >> 18);
  a.seen += a.seen < kLastSeen;
  int32_t step[kInputs];
  for (int i = 0; i < kInputs; ++i) step[i] = (logit[i] * scaled + (1 << 13)) >> 14;
  for (int i = 0; i < kInputs; ++i) a.weight[i] = std::clamp(a.weight[i] + step[i], -kMaxWeight, kMaxWeight);
  for (int i = 0; i < kInputs; ++i) b.weight[i] = std::clamp(b.weight[i] + step[i], -kMaxWeight, kMaxWeight);
  if (c) {
    for (int i = 0; i < kInputs; ++i) c->weight[i] = std::clamp(c->weight[i] + step[i], -kMaxWeight, kMaxWeight);
  }
  for (BitModel* model : models) model->update(value);
  return value;
}

}  // namespace veneer::modular::graphics
