// The syntax of the parameters of a plane, over a reader or a writer.
//
// Source: docs/format.md, "Fast form".
#pragma once
#include <cstdlib>

#include "base/modular/fast_form.h"
#include "entropy/adaptive.h"

namespace veneer::modular::fast {

// A number of -most..most. Numbers of a kind share the models of their length.
class NumberModels {
 public:
  template <class Io>
  int code(Io& io, BitModel& sign, int number) {
    const auto size = static_cast<uint32_t>(std::abs(number));
    int bits = 0;
    while (bits < kMostBits && io.bit(length_[bits], size >> bits != 0)) ++bits;
    if (bits == 0) return 0;
    const uint32_t top = 1u << (bits - 1);
    const uint32_t coded = top | (bits > 1 ? io.raw(bits - 1, size & (top - 1)) : 0u);
    return io.bit(sign, number < 0) ? -static_cast<int>(coded) : static_cast<int>(coded);
  }

 private:
  static constexpr int kMostBits = 11;
  BitModel length_[kMostBits] = {kFreshModel, kFreshModel, kFreshModel, kFreshModel, kFreshModel, kFreshModel,
                                 kFreshModel, kFreshModel, kFreshModel, kFreshModel, kFreshModel};
};

// Coefficients of `pairs` pairs, all but the right one of the first, which follows. False if one is out of range.
template <class Io>
bool code_weights(Io& io, NumberModels& models, BitModel* signs, int pairs, int total, int16_t* weight) {
  int rest = total;
  for (int i = 0; i < 2 * pairs; ++i) {
    if (i == 1) continue;
    const int w = models.code(io, signs[i], weight[i]);
    if (std::abs(w) > kMostWeight) return false;
    weight[i] = static_cast<int16_t>(w);
    rest -= w;
  }
  if (std::abs(rest) > kMostImplied) return false;
  weight[1] = static_cast<int16_t>(rest);
  return true;
}

// The parameters of the plane coded as number c. False if a reader finds what cannot be.
template <class Io>
bool code_plan(Io& io, int c, Plan* plan) {
  plan->unit = static_cast<int>(io.raw(4, static_cast<uint32_t>(plan->unit)));
  plan->experts = static_cast<int>(io.raw(3, static_cast<uint32_t>(plan->experts - 1))) + 1;
  if (plan->unit > kMostUnit) return false;
  NumberModels energy, own, cross;
  BitModel sign = kFreshModel, signs[2 * kMostPairs];
  for (BitModel& model : signs) model = kFreshModel;
  for (int i = 0; i < features_of(c); ++i) {
    plan->energy[i] = static_cast<int16_t>(energy.code(io, sign, plan->energy[i]));
  }
  for (int k = 0; k < plan->experts; ++k) {
    int16_t* const weight = plan->weight[k];
    if (!code_weights(io, own, signs, kOwn, kUnity, weight)) return false;
    for (int p = 0; p < c; ++p) {
      const int first = 2 * pairs_of(p);
      if (!code_weights(io, cross, signs + first, kCross, 0, weight + first)) return false;
    }
  }
  return true;
}

}  // namespace veneer::modular::fast
