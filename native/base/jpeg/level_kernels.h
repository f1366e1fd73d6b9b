// What takes the time of coding levels: predictions of levels, and mixing. A function table per SIMD target.
//
// Place: beneath level_coder.h. Every target gives the same bits.
// Source: docs/format.md, "Levels".
#pragma once
#include <cstddef>
#include <cstdint>

#include "entropy/adaptive.h"
#include "entropy/mixer.h"

namespace veneer::jpeg {

constexpr int kLogits = 8;  // of a decision: those of up to 7 models, and a constant
constexpr int kTaps = 40;   // numbers that a level is predicted from

// In 1/4096 of a step of 1. Sums of |tap| * 2^13 stay below 2^30: the tables are checked when they are built.
struct LevelSums {
  int32_t row, column, others;  // of the level with its sign: from the row of frequencies, from the column, from others
  int32_t magnitude;
};

using Weights = WeightsOf<kLogits>;
using CountedWeights = CountedWeightsOf<kLogits>;

// A decision: adaptive models, by place in an array, and sets of weights.
struct LevelDecision {
  alignas(32) int32_t slot[kLogits] = {};    // places of the models of its first node
  alignas(32) uint32_t state[kLogits] = {};  // of the models, as they were when mixed
  alignas(32) int16_t logit[kLogits] = {};
  int count = 0;  // models in use; the logits of others are 0
  CountedWeights* a = nullptr;
  Weights *b = nullptr, *c = nullptr;
};

constexpr uint32_t kInheritedCount = 3;  // decisions that a model counts as seen where it begins as another

struct LevelKernels {
  // The pixels of a block without DC, in 1/8, from levels times steps; |coefficient| < 2^13.
  void (*transform)(const int16_t* coefficients, int16_t* pixels);

  void (*predict)(const int16_t* features, const int16_t* level_weights, const int16_t* magnitude_weights,
                  LevelSums* sums);

  // The logit of node `node`, in 1/256, not limited. A model that has seen nothing begins as the first one.
  int32_t (*mix)(const BitModel* models, int node, LevelDecision* decision);

  // Moves models and weights; `scaled` is from weight_step().
  void (*learn)(BitModel* models, int node, LevelDecision* decision, int32_t scaled, int bit);
};

const LevelKernels& plain_level_kernels();
// Null where the build has no AVX2.
const LevelKernels* avx2_level_kernels();
// Those of the target of kernels(), base/dct.h.
const LevelKernels& level_kernels();

}  // namespace veneer::jpeg
