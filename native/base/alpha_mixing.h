// Decisions of the alpha plane: each is predicted by six adaptive models, whose predictions are mixed in the logistic
// domain with weights that adapt as well.
//
// Pictures spend few pixels on the outline of what they show and all others on constant areas, which are coded
// without these models (alpha.cpp); so an outline may cost a lot of time per pixel.
// Source: docs/format.md, "Alpha plane".
#pragma once
#include <algorithm>
#include <cstddef>
#include <cstdint>

#include "base/sample_contexts.h"
#include "bit_io.h"
#include "common/memory.h"
#include "entropy/logistic.h"

namespace veneer {

constexpr int kAlphaContexts = 6;             // models that predict a decision
constexpr int kAlphaSlotModels = 16;          // decisions that one context predicts
constexpr int kAlphaMixKinds = 10;            // groups of decisions with weights of their own
constexpr int kAlphaConfidences = 3;          // what is known about the most specific context: nothing, little, more
constexpr int32_t kAlphaFirstWeight = 14000;  // 65536 is 1.0; six of them sum to 1.28
constexpr int32_t kAlphaMaxWeight = 1 << 20;  // so that hostile data cannot make sums overflow
constexpr int kAlphaWeightShift = 14;

struct AlphaKey {
  uint32_t a, b;
};

class AlphaMixer {
 public:
  // For a plane of `pixels` pixels: a slot per context and 16 of them, since most pixels need none.
  explicit AlphaMixer(int64_t pixels) {
    shift_ = 32 - table_bits(pixels, -4, 8, 15);
    Slot fresh;
    std::fill(std::begin(fresh.model), std::end(fresh.model), kFreshModel);
    slots_.assign(size_t{kAlphaContexts} << (32 - shift_), fresh);
    std::fill_n(&weights_[0][0][0][0], sizeof weights_ / sizeof(int32_t), kAlphaFirstWeight);
  }

  // Chooses the slots for a pixel. Keys 0 and 3 mean the same on slopes (family 0) and edges (1), the others do not.
  void choose(const AlphaKey (&keys)[kAlphaContexts], int family) {
    for (int i = 0; i < kAlphaContexts; ++i) {
      const uint32_t salt = static_cast<uint32_t>(i % 3 == 0 ? i : i + kAlphaContexts * family);
      uint32_t h = (keys[i].a + salt) * 0x9e3779b1u;
      h = ((h ^ h >> 15) + keys[i].b) * 0x85ebca6bu;
      hash_[i] = (h ^ h >> 13) * 0x9e3779b1u;
      chosen_[i] = slot(i, hash_[i]);
    }
    const uint32_t count = chosen_[3]->model[0].state & 1023;
    confidence_ = count == 0 ? 0 : count < 3 ? 1 : 2;
  }

  // Other slots for the same pixel, chosen by what has been coded of it.
  void refine(uint32_t key) {
    for (int i = 0; i < kAlphaContexts; ++i) chosen_[i] = slot(i, (hash_[i] ^ key) * 0x9e3779b1u);
  }

  // One decision, predicted by model `node` of the chosen slots, mixed with the weights of `kind`.
  template <class Io>
  int bit(Io& io, int kind, int node, int value) {
    int32_t logit[kAlphaContexts];
    int32_t* weights = weights_[kind][node][confidence_];
    int64_t sum = 0;
    for (int i = 0; i < kAlphaContexts; ++i) {
      logit[i] = kLogit[chosen_[i]->model[node].state >> 20];
      sum += static_cast<int64_t>(weights[i]) * logit[i];
    }
    const auto mixed = std::clamp<int64_t>(sum >> 16, -kMaxLogit, kMaxLogit);
    const int32_t p1 = kLogistic[static_cast<size_t>(mixed + kMaxLogit)];
    value = io.bit_at(static_cast<uint32_t>(p1), value);
    const int32_t error = (value << 16) - p1;
    for (int i = 0; i < kAlphaContexts; ++i) {
      const int32_t step = (logit[i] * error + (1 << (kAlphaWeightShift - 1))) >> kAlphaWeightShift;
      weights[i] = std::clamp(weights[i] + step, -kAlphaMaxWeight, kAlphaMaxWeight);
      chosen_[i]->model[node].update(value);
    }
    return value;
  }

 private:
  struct alignas(64) Slot {  // a cache line
    BitModel model[kAlphaSlotModels];
  };

  Slot* slot(int context, uint32_t hash) {
    return &slots_[(static_cast<size_t>(context) << (32 - shift_)) + (hash >> shift_)];
  }

  int shift_;
  int confidence_ = 0;
  uint32_t hash_[kAlphaContexts] = {};
  Slot* chosen_[kAlphaContexts] = {};
  Vector<Slot> slots_;
  int32_t weights_[kAlphaMixKinds][kAlphaSlotModels][kAlphaConfidences][kAlphaContexts];
};

}  // namespace veneer
