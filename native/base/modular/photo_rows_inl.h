// A row of a tile in the photo form: every sample is predicted by several predictors that learn as they go, and coded by
// decisions that mix what these say. The same code reads and writes.
//
// Place: the loop of photo_avx2.cpp and the like, which include the lanes before this; VENEER_TARGET names the namespace.
// Source: docs/format.md, "Photo form".
#pragma once
#include <cstddef>
#include <cstdint>

#include "base/modular/photo_arithmetic.h"
#include "base/modular/photo_regressions_inl.h"
#include "base/modular/photo_state.h"
#include "common/bits.h"
#include "common/inline.h"
#include "common/unroll.h"

namespace veneer::modular::photo::VENEER_TARGET {
namespace {

constexpr int32_t kConstantInput = 77;
constexpr int32_t kMostMixed = 2400;
constexpr uint32_t kPhotoCountLimit = 30;
constexpr int kEvenSteps = 6;  // decisions before their steps begin to grow

// Places of samples that predict: of plane `plane` in the order of coding, dx to the right, dy down.
struct Tap {
  int8_t plane, dx, dy;
};

// Taps of the plane itself, nearest first. The sample above needs none: it is what features are measured from, together
// with the one to the left.
constexpr int kOwnTapCount = 15;
constexpr Tap kOwnTaps[kOwnTapCount] = {{0, -1, 0},  {0, -1, -1}, {0, 1, -1},  {0, -2, 0},  {0, 0, -2},
                                        {0, -1, -2}, {0, 1, -2},  {0, -2, -1}, {0, 2, -1},  {0, -2, -2},
                                        {0, 2, -2},  {0, -3, 0},  {0, 0, -3},  {0, -3, -1}, {0, 3, -1}};

// Taps of the other two planes: of the first plane, of the second, of the third.
constexpr int kOtherTapCount = 10;
constexpr int kOtherTapsOf[kMostPlanes] = {8, 9, 10};
constexpr Tap kOtherTaps[kMostPlanes][kOtherTapCount] = {
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
constexpr int kOwnOf[kRegressions][kMostPlanes] = {{11, 9, 8}, {5, 5, 4}, {15, 15, 15}};
constexpr int kOwnOfSingle[kRegressions] = {15, 8, 15};

VENEER_INLINE int32_t absolute(int32_t v) { return v < 0 ? -v : v; }
VENEER_INLINE int32_t lesser(int32_t a, int32_t b) { return a < b ? a : b; }

// Pointers to sample 0 of what a row of a plane is coded from: the rows above are up, up2, up3.
struct Row {
  uint16_t *sample, *up, *up2, *up3;
  uint16_t* error;
  const uint16_t *error_up, *error_up2;
  int32_t* residual;
  const int32_t* residual_up;

  VENEER_INLINE Row(const Plane& plane, int y)
      : sample(plane.row(y)),
        up(plane.row(y - 1)),
        up2(plane.row(y - 2)),
        up3(plane.row(y - 3)),
        error(plane.error_row(y)),
        error_up(plane.error_row(y - 1)),
        error_up2(plane.error_row(y - 2)),
        residual(plane.residual_row(y)),
        residual_up(plane.residual_row(y - 1)) {}
};

struct Surroundings {
  int32_t w, n, nw, ne, twice_mean;

  VENEER_INLINE Surroundings(const Row& r, int x)
      : w(r.sample[x - 1]), n(r.up[x]), nw(r.up[x - 1]), ne(r.up[x + 1]), twice_mean(w + n) {}
};

VENEER_INLINE void fill(uint16_t* to, int count, uint16_t value) {
  for (int i = 0; i < count; ++i) to[i] = value;
}

VENEER_INLINE void begin_plane(const Row& r) {
  fill(r.sample - kMargin, kMargin, r.up[0]);
  for (int i = -2 * kErrorLanes; i < 0; ++i) r.error[i] = r.error_up[i & (kErrorLanes - 1)];
  r.residual[-1] = 0;
}

VENEER_INLINE void end_plane(const Row& r, ptrdiff_t stride, int width, int y) {
  fill(r.sample + width, kMargin, r.sample[width - 1]);
  fill(r.sample - kMargin, kMargin, r.sample[0]);
  uint16_t* const errors = r.error + static_cast<ptrdiff_t>(width) * kErrorLanes;
  for (int i = 0; i < 2 * kErrorLanes; ++i) errors[i] = errors[i % kErrorLanes - kErrorLanes];
  r.residual[width] = 0;
  if (y > 0) return;
  for (ptrdiff_t i = -kMargin; i < stride - kMargin; ++i) r.up[i] = r.up2[i] = r.up3[i] = r.sample[i];
}

// Until the first row is known, all above it are like the sample before the current one.
VENEER_INLINE void pretend_above(const Row& r, int x) {
  fill(r.up + x - 3, 7, r.sample[x - 1]);
  fill(r.up2 + x - 3, 7, r.sample[x - 1]);
  fill(r.up3 + x - 3, 7, r.sample[x - 1]);
}

// Twice a sample of the surroundings, less w + n.
VENEER_INLINE int32_t feature(const Row& r, int32_t twice_mean, int x, const Tap& tap) {
  const uint16_t* const row = tap.dy == 0 ? r.sample : tap.dy == -1 ? r.up : tap.dy == -2 ? r.up2 : r.up3;
  return 2 * row[x + tap.dx] - twice_mean;
}

template <int kRegression, int kPlane, int kCount>
VENEER_INLINE void place_features(const int32_t* own, const int32_t* other, int32_t* features) {
  constexpr int kOwned = kCount > 1 ? kOwnOf[kRegression][kPlane] : kOwnOfSingle[kRegression];
  constexpr int kFirst = kFirstTapOf[kRegression], kOthers = kTapsOf[kRegression] - kOwned;
  VENEER_UNROLL(24)
  for (int i = 0; i < kOwned; ++i) features[kFirst + i] = own[i];
  VENEER_UNROLL(24)
  for (int i = 0; i < kOthers; ++i) features[kFirst + kOwned + i] = other[i];
}

// Features of a sample, kAllTaps of them.
template <int kPlane, int kCount>
VENEER_INLINE void gather(const Row* rows, const Surroundings* around, int x, int32_t* features) {
  int32_t own[kOwnTapCount], other[kOtherTapCount] = {};
  VENEER_UNROLL(24)
  for (int i = 0; i < kOwnTapCount; ++i) own[i] = feature(rows[kPlane], around[kPlane].twice_mean, x, kOwnTaps[i]);
  if constexpr (kCount > 1) {
    VENEER_UNROLL(24)
    for (int i = 0; i < kOtherTapsOf[kPlane]; ++i) {
      const Tap& tap = kOtherTaps[kPlane][i];
      other[i] = feature(rows[tap.plane], around[tap.plane].twice_mean, x, tap);
    }
  }
  place_features<0, kPlane, kCount>(own, other, features);
  place_features<1, kPlane, kCount>(own, other, features);
  place_features<2, kPlane, kCount>(own, other, features);
}

// What five predictors say, in 1/64 of a level. first: the sample of the first plane, if this is another one.
template <int kPlane>
VENEER_INLINE void predict(const Plane& plane, const Surroundings* around, int32_t first, const int32_t* features,
                           int32_t* predictions) {
  const Surroundings& s = around[kPlane];
  const int64_t mean = static_cast<int64_t>(s.twice_mean) * 32;
  int64_t slope = mean + (s.ne - s.nw) * 16, median = gradient(s.w, s.n, s.nw);
  if constexpr (kPlane > 0) {
    slope += int64_t{29} * (2 * first - around[0].twice_mean);
    median += first - gradient(around[0].w, around[0].n, around[0].nw);
  }
  const int64_t all[kPredictors] = {mean + (sum_of_products<0>(plane.weights, features) >> 11),
                                    mean + (sum_of_products<1>(plane.weights, features) >> 11),
                                    mean + (sum_of_products<2>(plane.weights, features) >> 11), slope, median * 64};
  for (int i = 0; i < kPredictors; ++i) {
    predictions[i] = static_cast<int32_t>(clamped<int64_t>(all[i], 0, int64_t{plane.most} * 64));
  }
}

// Their mean, weighted by the inverse cubes of their errors around.
VENEER_INLINE int32_t blend(const int32_t* predictions, const int32_t* activity) {
  Inverse inverse[kPredictors];
  int32_t least_shift = 31;
  for (int i = 0; i < kPredictors; ++i) {
    inverse[i] = inverse_of(static_cast<uint32_t>(activity[i] + 190));
    least_shift = lesser(least_shift, inverse[i].shift);
  }
  int32_t weights = 0;
  int64_t sum = 0;
  for (int i = 0; i < kPredictors; ++i) {
    const int32_t by = inverse[i].multiplier;
    const int32_t cube = (by * by >> 12) * by >> 12;  // 512 .. 4096
    const int32_t weight = cube >> lesser(3 * (inverse[i].shift - least_shift), 31);
    weights += weight;
    sum += static_cast<int64_t>(weight) * (predictions[i] - predictions[0]);
  }
  return predictions[0] + static_cast<int32_t>(sum / weights);
}

// Models and weights for the decisions of a sample.
struct Choice {
  BitModel* models[kContexts];
  Shares *by_scale, *by_shape;
};

VENEER_INLINE Choice choose(const Plane& plane, const uint32_t* contexts, int scale_class, int shape_class) {
  Choice choice;
  for (int i = 0; i < kContexts; ++i) {
    uint32_t h = (contexts[i] + 1) * 0x9e3779b1u + static_cast<uint32_t>(i) * 0x85ebca6bu;
    h = (h ^ h >> 15) * 0x2c1b3c6du;
    choice.models[i] = plane.slots[(static_cast<size_t>(i) << plane.slot_bits) + (h >> (32 - plane.slot_bits))].model;
    prefetch(choice.models[i]);
  }
  choice.by_scale = plane.by_scale + scale_class;
  choice.by_shape = plane.by_shape + shape_class;
  return choice;
}

// A decision, with the logits of the distributions.
template <class Io>
VENEER_INLINE int decide(Io& io, const Tile& tile, const Choice& choice, int node, const Eight& logits, int value) {
  const Eight others = logits_of(tile.logit, choice.models, node, kConstantInput);
  int32_t* const a = choice.by_scale->of[node];
  int32_t* const b = choice.by_shape->of[node];
  const int32_t mixed = clamped(mix(a, b, logits, others) >> 8, -kMostMixed, kMostMixed);
  const int32_t p1 = tile.logistic[mixed + kMaxLogit];
  value = io.bit_at(static_cast<uint32_t>(p1), value);
  adapt(a, b, logits, others, (value << 16) - p1);
  for (int i = 0; i < kContexts; ++i) choice.models[i][node].update(value, kPhotoCountLimit);
  return value;
}

// Which of `room` values beyond an edge.
template <class Io>
VENEER_INLINE int code_rest(Io& io, Plane& plane, int step, bool up, int edge, int room, int value) {
  const int offset = up ? value - edge - 1 : edge - value;
  int bits = 0;
  while (1 << bits < room) ++bits;
  BitModel* const models = plane.refined[lesser(step, kRefinedSteps - 1)][bits];
  int node = 1;
  for (int i = bits - 1; i >= 0; --i) {
    const int bit = offset >> i & 1;
    node = node << 1 |
           (node < kRefinedNodes ? io.bit(models[node], bit) : static_cast<int>(io.raw(1, static_cast<uint32_t>(bit))));
  }
  const int coded = lesser(node - (1 << bits), room - 1);
  return up ? edge + 1 + coded : edge - coded;
}

// First which side of the centre of the last distribution, then, away from it, step by step.
template <class Io>
VENEER_INLINE int code_value(Io& io, const Tile& tile, Plane& plane, const Choice& choice, const Distributions& all,
                             int32_t centre, int32_t activity, int value) {
  int edge = centre >> 6;
  bool up = false;
  if (edge < plane.most) up = decide(io, tile, choice, 0, above(all, edge * 64 + 32), value > edge) != 0;
  const int first_bits = highest_bit(static_cast<uint32_t>(activity + 1)) - 9;
  int levels = 1 << (first_bits < 0 ? 0 : first_bits);
  for (int step = 0;; ++step) {
    if (step >= kEvenSteps && step % 2 == 0) levels *= 2;
    const int room = up ? plane.most - edge : edge + 1;
    if (levels >= room) return code_rest(io, plane, step, up, edge, room, value);
    const Eight logits = beyond(all, edge * 64 + 32, up ? 1 : -1, levels);
    const int node = (up ? 1 : 4) + lesser(step, 2);
    if (!decide(io, tile, choice, node, logits, up ? value > edge + levels : value <= edge - levels)) {
      return code_rest(io, plane, step, up, edge, levels, value);
    }
    edge += up ? levels : -levels;
  }
}

// Sample x of plane kPlane of kCount.
template <int kPlane, int kCount, class Io>
VENEER_INLINE void code_sample(Io& io, const Tile& tile, const Row* rows, int x) {
  Plane& plane = *tile.planes[kPlane];
  const Row& r = rows[kPlane];
  constexpr int kLast = kCount - 1;
  const Surroundings around[3] = {{rows[0], x}, {rows[kLast < 1 ? kLast : 1], x}, {rows[kLast], x}};
  const Surroundings& s = around[kPlane];
  const int place = x % kBlock;  // in the block
  int32_t* const features = plane.block.features[place];
  gather<kPlane, kCount>(rows, around, x, features);
  const int32_t first = kPlane > 0 ? rows[0].sample[x] : 0, second = kPlane > 1 ? rows[1].sample[x] : 0;
  int32_t predictions[kTracked];
  predict<kPlane>(plane, around, first, features, predictions);

  // Errors around, weighted: in 1/512 of a level, below 2^21.
  uint16_t* const errors = r.error + x * kErrorLanes;
  const Eight activities = activity_of(errors, r.error_up + x * kErrorLanes, r.error_up2 + x * kErrorLanes);
  alignas(32) int32_t activity[kErrorLanes];
  store_eight(activity, activities);

  // The blend, corrected by how wrong it was in the same surroundings.
  const int32_t blended = blend(predictions, activity);
  const int32_t level = blended >> 6;
  const int shape = (s.w > level) | (s.n > level) << 1 | (s.nw > level) << 2 | (s.ne > level) << 3 |
                    (r.sample[x - 2] > level) << 4 | (r.up2[x] > level) << 5;
  const int activity_class = lesser(31, (log2_of(static_cast<uint32_t>(activity[0] + 128)) - 1792) >> 7);
  const int32_t left = r.residual[x - 1], up = r.residual_up[x];
  const int32_t before = kPlane > 0 ? rows[kPlane > 0 ? kPlane - 1 : 0].residual[x] : 0;
  const int32_t of_first = kPlane > 1 ? rows[0].residual[x] : 0;
  const int32_t threshold = (activity[0] * 5 >> 6) + 19;
  const auto sign = [threshold](int32_t v) { return v < -threshold ? 0 : v > threshold ? 2 : 1; };
  const int residual_class = ((sign(left) * 3 + sign(up)) * 3 + sign(before)) * 3 + sign(of_first);
  const auto most = static_cast<uint32_t>(plane.most < 1 ? 1 : plane.most);
  const uint32_t level_class = static_cast<uint32_t>(level) * 255 / most >> 2;
  int32_t* const bias[3] = {&plane.bias_by_shape[shape][activity_class], &plane.bias_by_residuals[residual_class],
                            &plane.bias_by_level[level_class][lesser(3, activity_class / 4)]};
  const int64_t correction = (int64_t{*bias[0]} + *bias[1] + *bias[2]) >> 9;
  const auto centre = static_cast<int32_t>(clamped<int64_t>(blended + correction, 0, int64_t{plane.most} * 64));
  predictions[5] = centre;

  const int32_t centres[kDistributions] = {predictions[0], predictions[1], predictions[2], predictions[3],
                                           predictions[4], centre,         s.w * 64,       centre};
  const Distributions all =
      distributions_of(centres, activities, 256 * absolute(s.w - s.n) + activity[5], activity[5] / 2);

  const auto near = [middle = centre >> 6](int32_t v) { return static_cast<uint32_t>(v - middle + 32) & 63; };
  const auto middle = static_cast<uint32_t>(centre >> 6), g = static_cast<uint32_t>(first);
  const int scale_class =
      lesser(kScaleClasses - 1, 3 * (log2_of(static_cast<uint32_t>(activity[5] + 128)) - 1792) >> 8);
  const auto change = static_cast<uint32_t>(absolute(kPlane > 0 ? before : left));
  const auto change_class = static_cast<uint32_t>(lesser(7, log2_of(change / 32 + 1) * 8 / 5 >> 8));
  const uint32_t contexts[kContexts] = {static_cast<uint32_t>(shape) * 8 + change_class,
                                        static_cast<uint32_t>(residual_class * 32 + activity_class),
                                        near(s.w) * 64 + near(s.n),
                                        middle * 48 + static_cast<uint32_t>(scale_class),
                                        kPlane > 0 ? g * 65536 + middle : middle * 64 + near(s.nw),
                                        kPlane > 1   ? (g * 65536 + static_cast<uint32_t>(second)) * 31 + middle * 7919
                                        : kPlane > 0 ? g * 64 + (static_cast<uint32_t>(centre >> 4) & 63)
                                                     : near(s.w) * 4096 + near(s.ne) * 64 + near(2 * s.n - r.up2[x])};
  const Choice choice = choose(plane, contexts, scale_class, shape * 3 + sign(kPlane > 0 ? before : left));

  const int value = code_value(io, tile, plane, choice, all, centre, activity[5], r.sample[x]);
  r.sample[x] = static_cast<uint16_t>(value);

  for (int i = 0; i < kTracked; ++i) {
    errors[i] = static_cast<uint16_t>(lesser(65535, absolute(value * 64 - predictions[i]) >> 2));
  }
  const int32_t miss = (value * 64 - blended) * 256;  // below 2^30, as are the biases
  *bias[0] += (miss - *bias[0]) >> 6;
  *bias[1] += (miss - *bias[1]) >> 7;
  *bias[2] += (miss - *bias[2]) >> 7;
  r.residual[x] = value * 64 - centre;
  plane.block.scales[place] = inverse_of(static_cast<uint32_t>(512 + (activity[0] * 9 >> 4)));
  plane.block.targets[place] = 2 * value - s.twice_mean;
}

template <int kCount, class Io>
VENEER_INLINE void code_row_of(Io& io, Tile& tile, int y) {
  constexpr int kLast = kCount - 1, kSecond = kLast < 1 ? kLast : 1;
  const Row rows[kMostPlanes] = {{*tile.planes[0], y}, {*tile.planes[kSecond], y}, {*tile.planes[kLast], y}};
  const int width = tile.width;
  for (int c = 0; c < kCount; ++c) begin_plane(rows[c]);
  begin_row(tile.regressions);
  for (int x = 0; x < width; ++x) {
    if (y == 0) {
      for (int c = 0; c < kCount; ++c) pretend_above(rows[c], x);
    }
    if (x % kBlock == 0) begin_block(tile.regressions, x / kBlock, tile.planes, kCount);
    code_sample<0, kCount>(io, tile, rows, x);
    if constexpr (kCount > 1) {
      code_sample<1, kCount>(io, tile, rows, x);
      code_sample<2, kCount>(io, tile, rows, x);
    }
    if (x % kBlock == kBlock - 1 || x == width - 1) {
      end_block(tile.regressions, x / kBlock, x % kBlock + 1, tile.planes, kCount);
    }
  }
  for (int c = 0; c < kCount; ++c) end_plane(rows[c], tile.planes[c]->stride, width, y);
}

// Codes row y of all planes: known to a writer, filled in by a reader.
template <class Io>
VENEER_INLINE void code_row(Io& io, Tile& tile, int y) {
  if (tile.count == 1) {
    code_row_of<1>(io, tile, y);
  } else {
    code_row_of<3>(io, tile, y);
  }
}

}  // namespace
}  // namespace veneer::modular::photo::VENEER_TARGET
