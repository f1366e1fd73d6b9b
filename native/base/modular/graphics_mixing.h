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
#include "entropy/mixer.h"

namespace veneer::modular::graphics {

constexpr int kInputs = 16;  // models of a decision and, last, a constant
constexpr int kModels = kInputs - 1;
constexpr int32_t kFirstWeight = 10500;  // 65536 is 1.0

using Weights = WeightsOf<kInputs>;

struct FirstWeights : CountedWeightsOf<kInputs> {
  FirstWeights() { std::fill_n(weight, kInputs, kFirstWeight); }
};

// One decision by the models given; `b` and `c` are further sets of weights. base: 0..2^17.
template <class Io>
int mixed_bit(Io& io, BitModel* const (&models)[kModels], FirstWeights& a, Weights& b, Weights* c, int32_t base,
              int value) {
  int16_t logit[kInputs];
  for (int i = 0; i < kModels; ++i) logit[i] = kLogit[models[i]->state >> 20];
  logit[kModels] = kConstantLogit;
  const int32_t mixed = mix(logit, a, b, c);
  const int32_t p1 = kLogistic[static_cast<size_t>(std::clamp(mixed, -kMaxLogit, kMaxLogit) + kMaxLogit)];
  value = io.bit_at(static_cast<uint32_t>(p1), value);
  move_weights(logit, weight_step((value << 16) - p1, base, &a), &a, &b, c);
  for (BitModel* model : models) model->update(value);
  return value;
}

}  // namespace veneer::modular::graphics
