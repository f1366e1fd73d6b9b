// The photo form: every sample is predicted by several predictors that learn as they go, and coded by decisions that
// mix what these say. The same code reads and writes.
//
// Place: above the kernels and the mixing; photo.cpp and enc_photo.cpp are its two directions.
// Source: docs/format.md, "Photo form".
#pragma once
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <optional>
#include <utility>

#include "base/modular/photo_arithmetic.h"
#include "base/modular/photo_kernels.h"
#include "base/modular/photo_mixing.h"
#include "base/sample_contexts.h"
#include "common/memory.h"

namespace veneer::modular {

constexpr int kMargin = 4;  // samples beyond either end of a row that predictors look at
constexpr int kRows = 4;    // the current one and those that predictors look at
constexpr int kErrorRows = 3;
constexpr int kFirstError = 32;  // errors are in 1/16 of a level
constexpr int kPredictors = 5;   // whose predictions are blended
constexpr int kTracked = 6;      // those whose errors are kept: these and the blend
constexpr int kErrorLanes = 8;
constexpr int kOwnTapCount = 15;
constexpr int kMostPhotoPlanes = 3;
constexpr int kEvenSteps = 6;  // decisions before their steps begin to grow
constexpr int kRefinedSteps = 8, kRefinedBits = 16, kRefinedNodes = 8;

// Places of samples that predict: of plane `plane` in the order of coding, dx to the right, dy down.
struct Tap {
  int8_t plane, dx, dy;
};

// Taps of the plane itself, nearest first. The sample above needs none: it is what features are measured from, together
// with the one to the left.
inline constexpr Tap kOwnTaps[kOwnTapCount] = {{0, -1, 0},  {0, -1, -1}, {0, 1, -1},  {0, -2, 0},  {0, 0, -2},
                                               {0, -1, -2}, {0, 1, -2},  {0, -2, -1}, {0, 2, -1},  {0, -2, -2},
                                               {0, 2, -2},  {0, -3, 0},  {0, 0, -3},  {0, -3, -1}, {0, 3, -1}};

// Taps of the other two planes: of the first plane, of the second, of the third.
constexpr int kOtherTapCount = 10;
inline constexpr int kOtherTapsOf[3] = {8, 9, 10};
inline constexpr Tap kOtherTaps[3][kOtherTapCount] = {
    {{1, -1, 0}, {2, -1, 0}, {1, 1, -1}, {2, 1, -1}, {1, -1, -1}, {2, -1, -1}, {1, 0, -2}, {2, 0, -2}},
    {{0, 0, 0}, {0, -1, 0}, {0, 1, -1}, {0, -1, -1}, {2, -1, 0}, {2, 1, -1}, {0, 0, -2}, {0, -2, 0}, {2, -1, -1}},
    {{0, 0, 0},
     {1, 0, 0},
     {0, -1, 0},
     {1, -1, 0},
     {0, 1, -1},
     {1, 1, -1},
     {0, -1, -1},
     {1, -1, -1},
     {0, 0, -2},
     {0, -2, 0}}};

// How many own taps each regression has, for each plane of three and for a single one; the rest are of the other planes.
inline constexpr int kOwnOf[kRegressions][3] = {{11, 9, 8}, {5, 5, 4}, {15, 15, 15}};
inline constexpr int kOwnOfSingle[kRegressions] = {15, 8, 15};

// A plane as far as it is known, and all that its samples have taught.
struct PhotoPlane {
  PhotoPlane(int width, int most_value, int slot_bits)
      : most(most_value),
        stride(width + 2 * kMargin),
        samples(static_cast<size_t>(stride) * kRows, static_cast<uint16_t>((most_value + 1) / 2)),
        errors(static_cast<size_t>(stride) * kErrorRows * kErrorLanes, kFirstError),
        residuals(static_cast<size_t>(stride) * 2),
        blocks((width + kBlock - 1) / kBlock),
        mixer(slot_bits) {
    size_t size = 0;
    for (int taps : kRegressionTaps) size += static_cast<size_t>(sums_of(taps)) * (2 * static_cast<size_t>(blocks) + 2);
    sums.resize(size);
    int32_t* next = sums.data();
    const auto take = [&next](int count) { return std::exchange(next, next + count); };
    for (int k = 0; k < kRegressions; ++k) {
      const int one = sums_of(kRegressionTaps[k]);
      regressions[k].columns = take(one * blocks);
      regressions[k].right = take(one * (blocks + 1));
      regressions[k].left = take(one);
    }
    std::fill_n(&refined[0][0][0], sizeof refined / sizeof(BitModel), kFreshModel);
  }

  // The first sample, error, residual of row y, which may be -3.
  uint16_t* row(int y) { return &samples[static_cast<size_t>((y + kRows) % kRows * stride + kMargin)]; }
  uint16_t* error_row(int y) {
    return &errors[static_cast<size_t>(((y + kErrorRows) % kErrorRows * stride + kMargin) * kErrorLanes)];
  }
  int32_t* residual_row(int y) { return &residuals[static_cast<size_t>((y + 2) % 2 * stride + kMargin)]; }

  PhotoPlane(const PhotoPlane&) = delete;
  PhotoPlane& operator=(const PhotoPlane&) = delete;

  int most;
  ptrdiff_t stride;
  Vector<uint16_t> samples;
  Vector<uint16_t> errors;    // of each sample: those of the predictors, in 1/16 of a level
  Vector<int32_t> residuals;  // less than the blend, in 1/64 of a level
  int blocks;
  Vector<int32_t> sums;  // of the regressions
  Regression regressions[kRegressions];
  alignas(32) int32_t weights[kAllTaps] = {};
  BlockSamples block;
  Mixer mixer;
  int32_t bias_by_shape[64][32] = {}, bias_by_residuals[81] = {}, bias_by_level[64][4] = {};  // in 1/2^14
  BitModel refined[kRefinedSteps][kRefinedBits + 1][kRefinedNodes];
};

template <class Io>
class PhotoCoder {
 public:
  // planes: 1 or 3 of them, in the order of coding.
  PhotoCoder(Io& io, int width, int height, int count, const int* most)
      : io_(io), kernels_(photo_kernels()), width_(width), count_(count) {
    const int slot_bits = table_bits(static_cast<int64_t>(width) * height, -4, 6, kMostSlotBits);
    for (int c = 0; c < count; ++c) planes_[c].emplace(width, most[c], slot_bits);
  }

  uint16_t* row(int c, int y) { return planes_[c]->row(y); }

  // Codes row y of all planes: known to a writer, filled in by a reader.
  void code_row(int y) {
    for (int c = 0; c < count_; ++c) begin_row(*planes_[c], y);
    for (int x = 0; x < width_; ++x) {
      if (y == 0) pretend_above(x);
      for (int c = 0; c < count_; ++c) sample(c, x, y);
    }
    for (int c = 0; c < count_; ++c) end_row(*planes_[c], y);
  }

 private:
  struct Surroundings {
    const uint16_t *current, *up, *up2, *up3;
    int32_t w, n, nw, ne, twice_mean;
  };

  void begin_row(PhotoPlane& plane, int y) {
    uint16_t* const row = plane.row(y);
    std::fill_n(row - kMargin, kMargin, plane.row(y - 1)[0]);
    const uint16_t* const above = plane.error_row(y - 1);
    for (int p = 1; p <= 2; ++p) std::copy_n(above, kErrorLanes, plane.error_row(y) - p * kErrorLanes);
    plane.residual_row(y)[-1] = 0;
    kernels_.begin_row(plane.regressions, plane.blocks);
  }

  void end_row(PhotoPlane& plane, int y) {
    uint16_t* const row = plane.row(y);
    std::fill_n(row + width_, kMargin, row[width_ - 1]);
    std::fill_n(row - kMargin, kMargin, row[0]);
    uint16_t* const errors = plane.error_row(y) + width_ * kErrorLanes;
    for (int p = 0; p < 2; ++p) std::copy_n(errors - kErrorLanes, kErrorLanes, errors + p * kErrorLanes);
    plane.residual_row(y)[width_] = 0;
    if (y > 0) return;
    for (int above = 1; above < kRows; ++above) std::copy_n(row - kMargin, plane.stride, plane.row(-above) - kMargin);
  }

  // Until the first row is known, all above it are like the sample before the current one.
  void pretend_above(int x) {
    for (int c = 0; c < count_; ++c) {
      for (int above = 1; above < kRows; ++above) std::fill_n(row(c, -above) + x - 3, 7, row(c, 0)[x - 1]);
    }
  }

  static Surroundings look_around(PhotoPlane& plane, int x, int y) {
    Surroundings s{plane.row(y) + x, plane.row(y - 1) + x, plane.row(y - 2) + x, plane.row(y - 3) + x, 0, 0, 0, 0, 0};
    s.w = s.current[-1], s.n = s.up[0], s.nw = s.up[-1], s.ne = s.up[1];
    s.twice_mean = s.w + s.n;
    return s;
  }

  // Twice a sample of the surroundings, less w + n.
  static int32_t feature(const Surroundings& s, const Tap& tap) {
    const uint16_t* const row = tap.dy == 0 ? s.current : tap.dy == -1 ? s.up : tap.dy == -2 ? s.up2 : s.up3;
    return 2 * row[tap.dx] - s.twice_mean;
  }

  // Features of a sample, kAllTaps of them.
  void gather(int c, const Surroundings* around, int32_t* features) const {
    int32_t own[kOwnTapCount], other[kOtherTapCount] = {};
    for (int i = 0; i < kOwnTapCount; ++i) own[i] = feature(around[c], kOwnTaps[i]);
    if (count_ > 1) {
      for (int i = 0; i < kOtherTapsOf[c]; ++i) other[i] = feature(around[kOtherTaps[c][i].plane], kOtherTaps[c][i]);
    }
    for (int k = 0; k < kRegressions; ++k) {
      const int owned = count_ > 1 ? kOwnOf[k][c] : kOwnOfSingle[k], others = kRegressionTaps[k] - owned;
      std::copy_n(own, owned, features + kFirstTap[k]);
      std::copy_n(other, others, features + kFirstTap[k] + owned);
    }
  }

  void sample(int c, int x, int y);
  void predict(int c, const Surroundings* around, const int32_t* features, int32_t* predictions) const;
  int blend(const int32_t* predictions, const int32_t* activity) const;
  int code_value(PhotoPlane& plane, const Distributions& distributions, int32_t activity, int value);
  int code_rest(PhotoPlane& plane, int step, bool up, int edge, int room, int value);

  Io& io_;
  const PhotoKernels& kernels_;
  int width_, count_;
  std::optional<PhotoPlane> planes_[kMostPhotoPlanes];
};

// What five predictors say, in 1/64 of a level.
template <class Io>
void PhotoCoder<Io>::predict(int c, const Surroundings* around, const int32_t* features, int32_t* predictions) const {
  const PhotoPlane& plane = *planes_[c];
  const Surroundings& s = around[c];
  const int64_t mean = static_cast<int64_t>(s.twice_mean) * 32;
  int64_t slope = mean + (s.ne - s.nw) * 16;
  int64_t median = gradient(s.w, s.n, s.nw);
  if (c > 0) {
    const Surroundings& first = around[0];
    slope += int64_t{29} * (2 * first.current[0] - first.twice_mean);
    median += first.current[0] - gradient(first.w, first.n, first.nw);
  }
  int64_t sums[kRegressions];
  kernels_.predict(plane.weights, features, sums);
  const int64_t all[kPredictors] = {mean + (sums[0] >> 11), mean + (sums[1] >> 11), mean + (sums[2] >> 11), slope,
                                    median * 64};
  for (int i = 0; i < kPredictors; ++i) {
    predictions[i] = static_cast<int32_t>(std::clamp<int64_t>(all[i], 0, plane.most * 64));
  }
}

// Their mean, weighted by the inverse cubes of their errors around.
template <class Io>
int PhotoCoder<Io>::blend(const int32_t* predictions, const int32_t* activity) const {
  Inverse inverse[kPredictors];
  int least_shift = 31;
  for (int i = 0; i < kPredictors; ++i) {
    inverse[i] = inverse_of(static_cast<uint32_t>(activity[i] + 190));
    least_shift = std::min(least_shift, inverse[i].shift);
  }
  int32_t weights = 0;
  int64_t sum = 0;
  for (int i = 0; i < kPredictors; ++i) {
    const int32_t by = inverse[i].multiplier;
    const int32_t cube = (by * by >> 12) * by >> 12;  // 512 .. 4096
    const int32_t weight = cube >> std::min(3 * (inverse[i].shift - least_shift), 31);
    weights += weight;
    sum += static_cast<int64_t>(weight) * (predictions[i] - predictions[0]);
  }
  return predictions[0] + static_cast<int32_t>(sum / weights);
}

// Sample x of row y of plane c.
template <class Io>
void PhotoCoder<Io>::sample(int c, int x, int y) {
  PhotoPlane& plane = *planes_[c];
  Surroundings around[3];
  for (int i = 0; i < count_; ++i) around[i] = look_around(*planes_[i], x, y);
  const Surroundings& s = around[c];
  const int place = x % kBlock;  // in the block
  int32_t* const features = plane.block.features[place];
  gather(c, around, features);
  if (place == 0) kernels_.begin_block(plane.regressions, x / kBlock, plane.weights);
  int32_t predictions[kTracked];
  predict(c, around, features, predictions);

  // Errors around, weighted: in 1/512 of a level, below 2^21.
  uint16_t* const errors = plane.error_row(y) + x * kErrorLanes;
  const uint16_t* const up = plane.error_row(y - 1) + x * kErrorLanes;
  const uint16_t* const up2 = plane.error_row(y - 2) + x * kErrorLanes;
  int32_t activity[kErrorLanes];
  kernels_.activity(errors, up, up2, activity);

  // The blend, corrected by how wrong it was in the same surroundings.
  const int32_t blended = blend(predictions, activity);
  const int32_t level = blended >> 6;
  const int shape = (s.w > level) | (s.n > level) << 1 | (s.nw > level) << 2 | (s.ne > level) << 3 |
                    (s.current[-2] > level) << 4 | (s.up2[0] > level) << 5;
  const int activity_class = std::min(31, (log2_of(static_cast<uint32_t>(activity[0] + 128)) - 1792) >> 7);
  int32_t* const residuals = plane.residual_row(y) + x;
  const int32_t left = residuals[-1], above = plane.residual_row(y - 1)[x];
  const int32_t before = c > 0 ? planes_[c - 1]->residual_row(y)[x] : 0;
  const int32_t first = c > 1 ? planes_[0]->residual_row(y)[x] : 0;
  const int32_t threshold = (activity[0] * 5 >> 6) + 19;
  const auto sign = [threshold](int32_t r) { return r < -threshold ? 0 : r > threshold ? 2 : 1; };
  const int residual_class = ((sign(left) * 3 + sign(above)) * 3 + sign(before)) * 3 + sign(first);
  const int level_class = static_cast<int>(static_cast<int64_t>(level) * 255 / std::max(1, plane.most)) >> 2;
  int32_t* const bias[3] = {&plane.bias_by_shape[shape][activity_class], &plane.bias_by_residuals[residual_class],
                            &plane.bias_by_level[level_class][std::min(3, activity_class / 4)]};
  const int64_t correction = (int64_t{*bias[0]} + *bias[1] + *bias[2]) >> 9;
  predictions[5] = static_cast<int32_t>(std::clamp<int64_t>(blended + correction, 0, plane.most * 64));
  const int32_t centre = predictions[5];

  Distributions distributions;
  const auto set = [&distributions](int i, int32_t centre_of, int32_t error) {
    distributions.centre[i] = centre_of;
    distributions.scale[i] = std::max(51, (error * 5 >> 3) + 31);
  };
  for (int i = 0; i < kTracked; ++i) set(i, predictions[i], activity[i]);
  set(6, s.w * 64, 256 * std::abs(s.w - s.n) + activity[5]);
  set(7, centre, activity[5] / 2);
  kernels_.invert_scales(&distributions);

  const auto near = [middle = centre >> 6](int32_t v) { return static_cast<uint32_t>(v - middle + 32) & 63; };
  const auto middle = static_cast<uint32_t>(centre >> 6);
  const int scale_class =
      std::min(kScaleClasses - 1, 3 * (log2_of(static_cast<uint32_t>(activity[5] + 128)) - 1792) >> 8);
  const auto change = static_cast<uint32_t>(std::abs(c > 0 ? before : left));
  const uint32_t change_class = std::min(7u, static_cast<uint32_t>(log2_of(change / 32 + 1)) * 8 / 5 >> 8);
  const uint32_t g = c > 0 ? around[0].current[0] : 0, r = c > 1 ? around[1].current[0] : 0;
  const uint32_t contexts[kContexts] = {static_cast<uint32_t>(shape) * 8 + change_class,
                                        static_cast<uint32_t>(residual_class * 32 + activity_class),
                                        near(s.w) * 64 + near(s.n),
                                        middle * 48 + static_cast<uint32_t>(scale_class),
                                        c > 0 ? g * 65536 + middle : middle * 64 + near(s.nw),
                                        c > 1   ? (g * 65536 + r) * 31 + middle * 7919
                                        : c > 0 ? g * 64 + (static_cast<uint32_t>(centre >> 4) & 63)
                                                : near(s.w) * 4096 + near(s.ne) * 64 + near(2 * s.n - s.up2[0])};
  plane.mixer.choose(contexts, scale_class, shape * 3 + sign(c > 0 ? before : left));

  const int value = code_value(plane, distributions, activity[5], s.current[0]);
  plane.row(y)[x] = static_cast<uint16_t>(value);

  for (int i = 0; i < kTracked; ++i) {
    errors[i] = static_cast<uint16_t>(std::min(65535, std::abs(value * 64 - predictions[i]) >> 2));
  }
  const int32_t miss = (value * 64 - blended) * 256;  // below 2^30, as are the biases
  *bias[0] += (miss - *bias[0]) >> 6;
  *bias[1] += (miss - *bias[1]) >> 7;
  *bias[2] += (miss - *bias[2]) >> 7;
  residuals[0] = value * 64 - centre;
  plane.block.scales[place] = inverse_of(static_cast<uint32_t>(512 + (activity[0] * 9 >> 4)));
  plane.block.targets[place] = 2 * value - s.twice_mean;
  if (place == kBlock - 1 || x == width_ - 1) {
    plane.block.count = place + 1;
    kernels_.end_block(plane.regressions, x / kBlock, plane.block);
  }
}

// First which side of the centre of the last distribution, then, away from it, step by step.
template <class Io>
int PhotoCoder<Io>::code_value(PhotoPlane& plane, const Distributions& distributions, int32_t activity, int value) {
  alignas(32) int32_t logits[kDistributions];
  int edge = distributions.centre[5] >> 6;
  bool up = false;
  if (edge < plane.most) {
    kernels_.above(distributions, edge * 64 + 32, logits);
    up = plane.mixer.decide(io_, kernels_, 0, logits, value > edge);
  }
  const int first_bits = std::max(0, highest_bit(static_cast<uint32_t>(activity + 1)) - 9);
  for (int step = 0;; ++step) {
    const int levels = 1 << (first_bits + (step < kEvenSteps ? 0 : (step - 4) / 2));
    const int room = up ? plane.most - edge : edge + 1;
    if (levels >= room) return code_rest(plane, step, up, edge, room, value);
    kernels_.beyond(distributions, edge * 64 + 32, up ? 1 : -1, levels, logits);
    const int node = (up ? 1 : 4) + std::min(step, 2);
    if (!plane.mixer.decide(io_, kernels_, node, logits, up ? value > edge + levels : value <= edge - levels)) {
      return code_rest(plane, step, up, edge, levels, value);
    }
    edge += up ? levels : -levels;
  }
}

// Which of `room` values beyond an edge.
template <class Io>
int PhotoCoder<Io>::code_rest(PhotoPlane& plane, int step, bool up, int edge, int room, int value) {
  const int offset = up ? value - edge - 1 : edge - value;
  int bits = 0;
  while (1 << bits < room) ++bits;
  BitModel* const models = plane.refined[std::min(step, kRefinedSteps - 1)][bits];
  int node = 1;
  for (int i = bits - 1; i >= 0; --i) {
    const int bit = offset >> i & 1;
    node = node << 1 | (node < kRefinedNodes ? io_.bit(models[node], bit)
                                             : static_cast<int>(io_.raw(1, static_cast<uint32_t>(bit))));
  }
  const int coded = std::min(node - (1 << bits), room - 1);
  return up ? edge + 1 + coded : edge - coded;
}

}  // namespace veneer::modular
