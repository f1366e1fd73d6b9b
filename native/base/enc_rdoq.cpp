#include "enc_rdoq.h"

#include <algorithm>
#include <array>
#include <cfloat>
#include <cmath>
#include <cstdlib>
#include <cstring>
#include <limits>

#include "quantization.h"

namespace veneer {
namespace {

constexpr int64_t kNever = int64_t{1} << 60;

int64_t weighted(int64_t error, int weight) { return (error * error * weight) >> 16; }

}  // namespace

// 16 / step as a float. Its product with an integer below 2^24 is rounded once, to 24 bits, and what is made of that is
// exact: the same on every machine whose floats are those of IEEE 754 and are not calculated in more than 24 bits.
// tests/base/test_scaling.py has the same in whole numbers.
static_assert(std::numeric_limits<float>::is_iec559 && FLT_EVAL_METHOD == 0, "float must be binary32, as it says");
float inverse_step(int position) {
  // 2^(-i / 16) as exact multiples of 2^-24.
  static constexpr uint32_t kInverse[16] = {16777216, 16065917, 15384775, 14732511, 14107901, 13509772,
                                            12937002, 12388516, 11863283, 11360319, 10878679, 10417458,
                                            9975792,  9552851,  9147842,  8760003};
  static const auto table = [] {
    std::array<float, kMaxStepPosition + 33> values{};
    for (size_t i = 0; i < values.size(); ++i) {
      values[i] = std::ldexp(static_cast<float>(kInverse[i & 15]), -24 + 4 + 6 - static_cast<int>(i >> 4));
    }
    return values;
  }();
  return table[position];
}

void scale_coefficients(const int32_t* coef, const BlockShape& shape, int position, int matrix, int32_t* scaled) {
  alignas(64) int32_t raster[kMaxFrequencies * kMaxFrequencies];
  if (matrix == 0) {
    const float inverse = inverse_step(position);
    for (int i = 0; i < shape.count; ++i)
      raster[i] = static_cast<int32_t>(static_cast<float>(std::abs(coef[i])) * inverse);
    for (int i = 0; i < shape.count; ++i) scaled[i] = raster[shape.scan[i]];
    return;
  }
  float inverse[kFrequencies];
  for (int f = 0; f < kFrequencies; ++f) {
    inverse[f] = inverse_step(std::min(kMaxStepPosition, position + matrix_offset(matrix, f)));
  }
  for (int i = 0; i < shape.count; ++i) {
    scaled[i] = static_cast<int32_t>(static_cast<float>(std::abs(coef[shape.scan[i]])) * inverse[shape.frequency[i]]);
  }
}

void cells_of_levels(const BlockShape& shape, const int16_t* level, int count, UnitCells* cells) {
  if (count == 0) {
    std::memset(cells, 0, sizeof *cells);
    return;
  }
  uint16_t sums[kCells] = {};
  for (int i = 0; i < count; ++i) {
    const int cell = shape.cell[i];
    sums[cell] = static_cast<uint16_t>(sums[cell] + std::min(std::abs(level[i]), kMaxMagnitudeInContext));
  }
  finish_cells(sums, shape, cells);
}

void quantize_block(const Models& m, const Costs& costs, const RdoSettings& settings, const BlockShape& shape,
                    int plane, const Expectation& expected, int empty_context, const int32_t* coef, int step_position,
                    QuantizedBlock* out) {
  alignas(64) int32_t scaled[kMaxFrequencies * kMaxFrequencies];
  scale_coefficients(coef, shape, step_position, settings.matrix, scaled);

  const int weight = settings.distortion_weight;
  int64_t all_zero = 0;
  int count = 0;
  int64_t beyond[kMaxFrequencies * kMaxFrequencies + 1];  // distortion of the positions from i on, all zero
  for (int i = 0; i < shape.count; ++i) {
    if (scaled[i] >= 128) count = i + 1;
  }
  for (int i = shape.count - 1; i >= count; --i) all_zero += weighted(scaled[i], weight);
  beyond[count] = all_zero;
  for (int i = count - 1; i >= 0; --i) {
    all_zero += weighted(scaled[i], weight);
    beyond[i] = all_zero;
  }
  const BitModel& empty = m.empty[plane][shape.shape_class][expected.energy][empty_context];
  const int64_t empty_cost = all_zero + costs.bit(empty, 1);
  out->count = 0;
  out->cost = empty_cost;
  if (count == 0) return;

  const int not_empty = costs.bit(empty, 0);
  const int stride = shape.fw + 2;
  int64_t coded[kMaxFrequencies * kMaxFrequencies];    // cost of each position as coded, with its distortion
  int64_t as_last[kMaxFrequencies * kMaxFrequencies];  // the same where it is the last one
  uint16_t acc[kAccumulatorSize];
  for (int pass = 0; pass < settings.passes && count > 0; ++pass) {
    clear_accumulators(acc, shape, count);
    int state = 0;
    for (int i = count - 1; i >= 0; --i) {
      const int at = shape.padded[i], diagonal = shape.diagonal[i];
      const int energy = energy_class(acc[at], expected.cell[shape.cell[i]]), near = near_class(acc[at]);
      const int a = scaled[i];
      const BitModel& significant = m.significant[quantizer_of(state)][plane][shape.size_class][diagonal][energy];
      const BitModel& nearby = m.nearby[plane][shape.shape_class][last_bucket(i + 1)][near];
      const int64_t zero = beyond[i] - beyond[i + 1] + costs.bit(significant, nearby, 0);
      as_last[i] = kNever;
      coded[i] = zero;
      out->level[i] = 0;
      if (a < 128) {
        state = next_state(settings.dependent, state, 0);
        continue;
      }
      const int high = std::min((a + 128) >> 8, kMaxLevel);
      const int significant_cost = costs.bit(significant, nearby, 1);
      int best = 0;
      int64_t best_cost = kNever;
      for (int level = high; level >= std::max(1, high - 1); --level) {
        const int64_t cost =
            weighted(a - 256 * level, weight) +
            costs.magnitude(m, quantizer_of(state), plane, shape.shape_class, diagonal, energy, near, level);
        if (cost < best_cost) {
          best_cost = cost;
          best = level;
        }
      }
      as_last[i] = best_cost;
      if (best_cost + significant_cost < zero) {
        coded[i] = best_cost + significant_cost;
        out->level[i] = static_cast<int16_t>(best);
        push_magnitude(acc, at, stride, best);
        state = next_state(settings.dependent, state, best);
      } else {
        state = next_state(settings.dependent, state, 0);
        out->level[i] = static_cast<int16_t>(-best);  // zero, unless it becomes the last one
      }
    }
    // The best last position: everything beyond it becomes zero.
    int64_t before = not_empty;
    int best_count = 0, bucket = -1, last_cost = 0;
    int64_t best_total = empty_cost;
    for (int i = 0; i < count; ++i) {
      if (as_last[i] < kNever) {
        if (last_bucket(i + 1) != bucket) {
          bucket = last_bucket(i + 1);
          last_cost = costs.last(m, shape, plane, expected.energy, bucket);
        }
        const int64_t total = before + last_cost + as_last[i] + beyond[i + 1];
        if (total < best_total) {
          best_total = total;
          best_count = i + 1;
        }
      }
      before += coded[i];
    }
    out->cost = best_total;
    const bool same = best_count == count;
    count = best_count;
    if (same) break;
  }
  out->count = count;
  for (int i = 0; i < count; ++i) {
    const int level = i == count - 1 ? std::abs(out->level[i]) : std::max<int>(out->level[i], 0);
    out->level[i] = static_cast<int16_t>(coef[shape.scan[i]] < 0 ? -level : level);
  }
}

}  // namespace veneer
