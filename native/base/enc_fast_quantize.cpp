#include "enc_fast_quantize.h"

#include <algorithm>
#include <cstdlib>

#include "dct.h"
#include "enc_scaling.h"
#include "enc_scaling_inl.h"
#include "quantization.h"

namespace veneer {

VENEER_SCALING_FUNCTIONS(plain)

namespace {

constexpr int kHalfStep = 128;  // smaller magnitudes become zero
// Of log2(1 + b x^2), 1/256 bits; 256 / ln 2 for b = weight ln 2 / kBitsPerLog.
constexpr int kBitsPerLog = 256, kInverseLn2 = 369;

constexpr int kMostWeight = 1 << 17;  // times the square of half a step is below 2^31

int64_t weighted(int64_t error, int weight) { return (error * error * weight) >> 16; }

constexpr uint8_t kNear[16] = {0, 1, 2, 3, 4, 5, 5, 5, 6, 6, 6, 6, 6, 6, 7, 7};  // near_class()

}  // namespace

FastQuantizer::FastQuantizer(int matrix, int distortion_weight)
    : weight_(std::min(distortion_weight, kMostWeight)),
      slope_(std::max(1, weight_ * 256 / (kInverseLn2 * kBitsPerLog))) {
  for (int log2_w = 2; log2_w <= 6; ++log2_w) {
    for (int log2_h = std::max(2, log2_w - 1); log2_h <= std::min(6, log2_w + 1); ++log2_h) {
      const BlockShape& shape = block_shape(log2_w, log2_h);
      Shape& mine = shapes_[log2_w - 2][log2_h - 2];
      mine.positions.resize(shape.count);
      if (matrix != 0) mine.relative.resize(shape.count);
      for (int i = 0; i < shape.count; ++i) {
        mine.positions[i] = {shape.scan[i],
                             shape.padded[i],
                             static_cast<uint16_t>(shape.diagonal[i] * kEnergyLevels),
                             static_cast<uint8_t>(last_bucket(i + 1) * 8),
                             shape.cell[i],
                             shape.diagonal[i]};
        if (matrix != 0) {
          const int offset = matrix_offset(matrix, shape.frequency[i]);
          mine.relative[shape.scan[i]] = inverse_step(160 + offset) / inverse_step(160);
        }
      }
    }
  }
}

int64_t FastQuantizer::estimate(const int32_t* coef, const BlockShape& shape, int step_position) const {
  const auto sum = kernels_have_avx2() ? log_sum_avx2 : log_sum_plain;
  const std::vector<float>& relative = shape_of(shape).relative;
  return static_cast<int64_t>(sum(coef, relative.empty() ? nullptr : relative.data(), shape.count,
                                  inverse_step(step_position), slope_)) *
         kBitsPerLog / 256;
}

void FastQuantizer::quantize(const Models& m, const Costs& costs, const BlockShape& shape, int plane,
                             const Expectation& expected, int empty_context, const int32_t* coef, int step_position,
                             QuantizedBlock* out) const {
  const auto scale = kernels_have_avx2() ? scale_block_avx2 : scale_block_plain;
  const Shape& mine = shape_of(shape);
  alignas(64) int32_t scaled[kMaxFrequencies * kMaxFrequencies];
  int32_t largest;
  int64_t all_zero = scale(coef, mine.relative.empty() ? nullptr : mine.relative.data(), shape.count,
                           inverse_step(step_position), weight_, scaled, &largest);
  const BitModel& empty = m.empty[plane][shape.shape_class][expected.energy][empty_context];
  out->count = 0;
  if (largest < kHalfStep) {
    out->cost = all_zero + costs.bit(empty, 1);
    return;
  }
  const Position* const positions = mine.positions.data();
  int count = shape.count;
  while (scaled[positions[count - 1].raster] < kHalfStep) --count;

  // Costs above the distortion of zeros: of each position as coded, and as the last coded position.
  int64_t coded[kMaxFrequencies * kMaxFrequencies], as_last[kMaxFrequencies * kMaxFrequencies];
  int16_t candidates[kMaxFrequencies * kMaxFrequencies];
  int candidate_count = 0;
  uint16_t acc[kAccumulatorSize];
  clear_accumulators(acc, shape, count);
  const int stride = shape.fw + 2;
  const BitModel* const significant = &m.significant[0][plane][shape.size_class][0][0];
  const BitModel* const nearby = &m.nearby[plane][shape.shape_class][0][0];
  for (int i = count - 1; i >= 0; --i) {
    const Position& position = positions[i];
    const int around = acc[position.padded];
    const int energy = energy_class(around, expected.cell[position.cell]);
    const int near = kNear[std::min(around, 15)];
    const BitModel &far_model = significant[position.significant + energy],
                   &near_model = nearby[position.nearby + near];
    const int zero = costs.bit(far_model, near_model, 0);
    const int a = scaled[position.raster];
    coded[i] = zero;
    out->level[i] = 0;
    if (a < kHalfStep) continue;
    const int64_t square = weighted(a, weight_);
    all_zero += square;
    const int high = std::min((a + 128) >> 8, kMaxLevel);
    int best = high;
    int64_t best_cost = weighted(a - 256 * high, weight_) +
                        costs.magnitude(m, 0, plane, shape.shape_class, position.diagonal, energy, near, high);
    if (high > 1 && a < 256 * high) {
      const int64_t cost = weighted(a - 256 * (high - 1), weight_) +
                           costs.magnitude(m, 0, plane, shape.shape_class, position.diagonal, energy, near, high - 1);
      if (cost < best_cost) {
        best_cost = cost;
        best = high - 1;
      }
    }
    as_last[candidate_count] = best_cost - square;
    candidates[candidate_count++] = static_cast<int16_t>(i);
    const int64_t kept = best_cost - square + costs.bit(far_model, near_model, 1);
    if (kept < zero) {
      coded[i] = kept;
      out->level[i] = static_cast<int16_t>(best);
      push_magnitude(acc, position.padded, stride, best);
    } else {
      out->level[i] = static_cast<int16_t>(-best);  // zero, unless it becomes the last one
    }
  }
  // The best last position: everything beyond it becomes zero.
  const int64_t empty_cost = all_zero + costs.bit(empty, 1);
  int64_t before = all_zero + costs.bit(empty, 0), best_total = empty_cost;
  int best_count = 0, bucket = -1, last_cost = 0;
  for (int k = candidate_count - 1, i = 0; k >= 0; --k) {
    for (; i < candidates[k]; ++i) before += coded[i];
    if (last_bucket(i + 1) != bucket) {
      bucket = last_bucket(i + 1);
      last_cost = costs.last(m, shape, plane, expected.energy, bucket);
    }
    const int64_t total = before + last_cost + as_last[k];
    if (total < best_total) {
      best_total = total;
      best_count = i + 1;
    }
  }
  out->cost = best_total;
  out->count = best_count;
  for (int i = 0; i < best_count; ++i) {
    const int level = i == best_count - 1 ? std::abs(out->level[i]) : std::max<int>(out->level[i], 0);
    out->level[i] = static_cast<int16_t>(coef[positions[i].raster] < 0 ? -level : level);
  }
}

}  // namespace veneer
