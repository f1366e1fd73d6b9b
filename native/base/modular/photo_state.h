// What the photo form knows while it codes a tile: rows that predictors look at, and all that samples have taught.
//
// Place: beneath the loops over samples (photo_rows_inl.h). Made outside of SIMD targets, which only follow its pointers.
// Source: docs/format.md, "Photo form".
#pragma once
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <optional>

#include "base/modular/photo_arithmetic.h"
#include "base/sample_contexts.h"
#include "common/inline.h"
#include "common/memory.h"
#include "entropy/adaptive.h"
#include "entropy/logistic.h"

namespace veneer::modular::photo {

constexpr int kMostPlanes = 3;
constexpr int kMargin = 4;  // samples beyond either end of a row that predictors look at
constexpr int kRows = 4;    // the current one and those that predictors look at
constexpr int kErrorRows = 3;
constexpr int kErrorLanes = 8;
constexpr int kFirstError = 32;  // errors are in 1/16 of a level
constexpr int kPredictors = 5;   // whose predictions are blended
constexpr int kTracked = 6;      // those whose errors are kept: these and the blend

// Linear prediction by least squares over what is known around a sample, all in integers.
//
// Statistics are kept for blocks of four samples of a row: the products of the features of a sample with each other and
// with what was to be predicted, summed with weights that fall off to the left, to the right in the rows above, and
// upwards. Where a block begins, the weights of the prediction take two steps towards the least squares: each in turn
// becomes what is best with the others as they are (Gauss and Seidel). So nothing is ever inverted, and whatever
// the data, no number leaves its range:
//
//     features in the statistics       |q| <= 1023
//     sums over a block                <= 4 * 1023^2 < 2^22
//     a column of blocks               < 2^22 * 16 = 2^26                (rows decay by at least 1/16 a row)
//     to the left, and to the right    < 2^26 * 8 = 2^29 each            (by at least 1/8 a block)
//     weights                          |w| < 2^19, where 2^16 is 1
constexpr int kBlock = 4;        // samples between two moves of the weights
constexpr int kRegressions = 3;  // of a plane
constexpr int kTapsOf[kRegressions] = {16, 8, 24};
constexpr int kFirstTapOf[kRegressions] = {0, 16, 24};  // of each regression among those of all
constexpr int kAllTaps = 48;

// Planes are regressed side by side, a lane each, so that none waits for another; the last lane stays 0. The sums of n
// features are those of products of feature i with feature k <= i, row after row, then those of each with the target.
constexpr int kLanes = 4;
VENEER_INLINE constexpr int products_of(int n) { return n * (n + 1) / 2; }
constexpr int kFirstSumOf[kRegressions] = {0, products_of(16) + 16, products_of(16) + 16 + products_of(8) + 8};
constexpr int kAllSums = kFirstSumOf[2] + products_of(24) + 24;

struct alignas(32) Sums {
  int32_t of[kAllSums][kLanes];
};

struct Regressions {
  explicit Regressions(int count)
      : blocks(count), of_columns(static_cast<size_t>(count)), of_right(static_cast<size_t>(count) + 1) {
    columns = of_columns.data();
    right = of_right.data();
  }
  Regressions(const Regressions&) = delete;
  Regressions& operator=(const Regressions&) = delete;

  int blocks;
  Vector<Sums> of_columns, of_right;
  Sums* columns;  // of each block: what is above and in it
  Sums* right;    // of each block and one more: those of it and to its right, as of the row above
  Sums left{};    // those to the left
  alignas(32) int64_t weights[kAllTaps][kLanes] = {};  // the low 32 bits of each lane count
};

// Samples of a block, as regressions learn them. Behind `count` they have values of a block before, or 0 at first: their
// products are left out.
struct alignas(32) BlockSamples {
  int32_t features[kBlock][kAllTaps] = {};
  int32_t targets[kBlock] = {};
  Inverse scales[kBlock] = {};
};

// Decisions mix eight distributions of a sample and six adaptive models in the logistic domain.
constexpr int kDistributions = 8;
constexpr int kContexts = 6;
constexpr int kInputs = 16;  // logits that are mixed: of distributions, of models, a constant, and one that is 0
constexpr int kNodes = 8;    // kinds of decisions of a sample
constexpr int kScaleClasses = 48, kShapeClasses = 192;  // the two choices of weights
constexpr int32_t kFirstShare = 4096;                   // of a distribution in either choice of weights; 65536 is 1.0
constexpr int32_t kMostShare = 1 << 18;
constexpr int kShareShift = 17;       // of the steps in which shares move
constexpr int32_t kMostLogit = 2040;  // of a distribution
constexpr int kMostSlotBits = 13;
constexpr int kRefinedSteps = 8, kRefinedBits = 16, kRefinedNodes = 8;

// Models of the decisions of a sample in one context: half a cache line.
struct alignas(32) Slot {
  BitModel model[kNodes];
};

struct alignas(32) Shares {
  int32_t of[kNodes][kInputs];
};

struct Plane {
  Plane(int width, int most_value, int bits_of_slots)
      : most(most_value),
        stride(width + 2 * kMargin),
        slot_bits(bits_of_slots),
        of_samples(static_cast<size_t>(stride) * kRows, static_cast<uint16_t>((most_value + 1) / 2)),
        of_errors(static_cast<size_t>(stride) * kErrorRows * kErrorLanes, kFirstError),
        of_residuals(static_cast<size_t>(stride) * 2),
        of_slots(size_t{kContexts} << bits_of_slots),
        of_scale(kScaleClasses),
        of_shape(kShapeClasses) {
    Slot fresh;
    std::fill_n(fresh.model, kNodes, kFreshModel);
    std::fill(of_slots.begin(), of_slots.end(), fresh);
    Shares first{};
    for (auto& node : first.of) std::fill_n(node, kDistributions, kFirstShare);
    std::fill(of_scale.begin(), of_scale.end(), first);
    std::fill(of_shape.begin(), of_shape.end(), first);
    std::fill_n(&refined[0][0][0], sizeof refined / sizeof(BitModel), kFreshModel);
    samples = of_samples.data(), errors = of_errors.data(), residuals = of_residuals.data();
    slots = of_slots.data(), by_scale = of_scale.data(), by_shape = of_shape.data();
  }
  Plane(const Plane&) = delete;
  Plane& operator=(const Plane&) = delete;

  // The first sample, error, residual of row y, which may be -3.
  VENEER_INLINE uint16_t* row(int y) const { return samples + (y + kRows) % kRows * stride + kMargin; }
  VENEER_INLINE uint16_t* error_row(int y) const {
    return errors + ((y + kErrorRows) % kErrorRows * stride + kMargin) * kErrorLanes;
  }
  VENEER_INLINE int32_t* residual_row(int y) const { return residuals + (y + 2) % 2 * stride + kMargin; }

  int most;
  ptrdiff_t stride;
  int slot_bits;
  Vector<uint16_t> of_samples, of_errors;
  Vector<int32_t> of_residuals;
  Vector<Slot> of_slots;
  Vector<Shares> of_scale, of_shape;
  uint16_t* samples;
  uint16_t* errors;    // of each sample: those of the predictors, in 1/16 of a level
  int32_t* residuals;  // less than the blend, in 1/64 of a level
  Slot* slots;
  Shares *by_scale, *by_shape;
  alignas(32) int32_t weights[kAllTaps] = {};  // of the regressions, in the current block
  BlockSamples block;
  int32_t bias_by_shape[64][32] = {}, bias_by_residuals[81] = {}, bias_by_level[64][4] = {};  // in 1/2^14
  BitModel refined[kRefinedSteps][kRefinedBits + 1][kRefinedNodes];
};

struct Tile {
  // count: 1 or 3 planes, in the order of coding.
  Tile(int width_, int height, int count_, const int* most)
      : width(width_), count(count_), regressions((width_ + kBlock - 1) / kBlock) {
    const int slot_bits = table_bits(static_cast<int64_t>(width) * height, -4, 6, kMostSlotBits);
    for (int c = 0; c < count; ++c) planes[c] = &of_planes[c].emplace(width, most[c], slot_bits);
  }

  int width, count;
  Regressions regressions;
  std::optional<Plane> of_planes[kMostPlanes];
  Plane* planes[kMostPlanes] = {};
  const uint16_t* logistic = kLogistic.data();
  const int16_t* logit = kLogit.data();
};

}  // namespace veneer::modular::photo
