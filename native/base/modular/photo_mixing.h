// Decisions of the photo form: eight distributions of a sample and six adaptive models, mixed in the logistic domain.
//
// Source: docs/format.md, "Photo form".
#pragma once
#include <algorithm>
#include <cstddef>
#include <cstdint>

#include "base/modular/photo_kernels.h"
#include "common/memory.h"
#include "entropy/adaptive.h"
#include "entropy/logistic.h"

namespace veneer::modular {

constexpr int kContexts = 6;
constexpr int kNodes = 8;          // kinds of decisions of a sample
constexpr int kScaleClasses = 48;  // the two choices of weights
constexpr int kShapeClasses = 192;
constexpr int32_t kConstantInput = 77;
constexpr int32_t kMostMixed = 2400;
constexpr int32_t kFirstShare = 4096;  // of a distribution in either choice of weights; 65536 is 1.0
constexpr uint32_t kPhotoCountLimit = 30;
constexpr int kMostSlotBits = 13;

// Models of the decisions of a sample in one context: half a cache line.
struct alignas(32) Slot {
  BitModel model[kNodes];
};

// What decisions of a plane have taught so far.
class Mixer {
 public:
  explicit Mixer(int slot_bits)
      : shift_(32 - slot_bits),
        slots_(size_t{kContexts} << slot_bits),
        by_scale_(kScaleClasses),
        by_shape_(kShapeClasses) {
    Slot fresh;
    std::fill_n(fresh.model, kNodes, kFreshModel);
    std::fill(slots_.begin(), slots_.end(), fresh);
    Weights first{};
    for (auto& node : first.of) std::fill_n(node, kDistributions, kFirstShare);
    std::fill(by_scale_.begin(), by_scale_.end(), first);
    std::fill(by_shape_.begin(), by_shape_.end(), first);
  }

  // Chooses models and weights for the decisions of a sample.
  void choose(const uint32_t (&contexts)[kContexts], int scale_class, int shape_class) {
    for (int i = 0; i < kContexts; ++i) {
      uint32_t h = (contexts[i] + 1) * 0x9e3779b1u + static_cast<uint32_t>(i) * 0x85ebca6bu;
      h = (h ^ h >> 15) * 0x2c1b3c6du;
      chosen_[i] = slots_[(static_cast<size_t>(i) << (32 - shift_)) + (h >> shift_)].model;
    }
    scale_weights_ = &by_scale_[static_cast<size_t>(scale_class)];
    shape_weights_ = &by_shape_[static_cast<size_t>(shape_class)];
  }

  // A decision, with the logits of the distributions.
  template <class Io>
  int decide(Io& io, const PhotoKernels& kernels, int node, const int32_t* logits, int value) {
    alignas(32) int32_t input[kInputs];
    std::copy_n(logits, kDistributions, input);
    for (int i = 0; i < kContexts; ++i) input[kDistributions + i] = kLogit[chosen_[i][node].state >> 20];
    input[kDistributions + kContexts] = kConstantInput;
    input[kInputs - 1] = 0;
    int32_t* const a = scale_weights_->of[node];
    int32_t* const b = shape_weights_->of[node];
    const int32_t mixed = std::clamp(kernels.mix(a, b, input) >> 8, -kMostMixed, kMostMixed);
    const int32_t p1 = kLogistic[static_cast<size_t>(mixed + kMaxLogit)];
    value = io.bit_at(static_cast<uint32_t>(p1), value);
    kernels.adapt(a, b, input, (value << 16) - p1);
    for (int i = 0; i < kContexts; ++i) chosen_[i][node].update(value, kPhotoCountLimit);
    return value;
  }

 private:
  struct alignas(32) Weights {
    int32_t of[kNodes][kInputs];
  };

  int shift_;
  Vector<Slot> slots_;
  Vector<Weights> by_scale_, by_shape_;
  BitModel* chosen_[kContexts] = {};
  Weights *scale_weights_ = nullptr, *shape_weights_ = nullptr;
};

}  // namespace veneer::modular
