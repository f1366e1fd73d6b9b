// Encoder only: dependent quantization by dynamic programming over the quantizer's states.
//
// Every state keeps its best path so far, from the last coefficient down, with the magnitudes that the contexts of
// the coefficients to come depend on; a path may also begin at any coefficient, which makes that the last one.
// Source: M. W. Marcellin, T. R. Fischer, "Trellis coded quantization of memoryless and Gauss-Markov sources" (1990).
#include <algorithm>
#include <cstdlib>
#include <cstring>

#include "coefficients.h"
#include "enc_rdoq.h"
#include "quantization.h"

namespace veneer {
namespace {

constexpr int64_t kNever = int64_t{1} << 60;
constexpr int kStart = -1;  // the path begins here

struct Step {
  int16_t level;
  int8_t from;
};

// Best way to leave a state with an even (0) or odd (1) level.
struct Choice {
  int64_t cost[2];
  int level[2];

  void offer(int level_, int64_t cost_) {
    const int parity = level_ & 1;
    if (cost_ < cost[parity]) {
      cost[parity] = cost_;
      level[parity] = level_;
    }
  }
};

class Trellis {
 public:
  Trellis(const Models& m, const Costs& costs, int weight, const BlockShape& shape, int plane,
          const Expectation& expected)
      : m_(m), costs_(costs), weight_(weight), shape_(shape), plane_(plane), expected_(expected) {}

  // scaled: magnitudes in 1/256 half steps, in scan order.
  void run(const int32_t* scaled, int count, int64_t all_zero, int64_t empty_cost, int not_empty_cost,
           QuantizedBlock* out) {
    for (int s = 0; s < kStates; ++s) {
      cost_[s] = kNever;
      acc_[s] = storage_[s];
      spare_[s] = storage_[kStates + s];
    }
    std::memset(storage_, 0, sizeof storage_);
    int64_t beyond = all_zero;  // distortion of the positions above the current one, all zero
    for (int i = 0; i < count; ++i) beyond -= distortion(scaled[i]);
    int bucket = -1, last_cost = 0;
    for (int i = count - 1; i >= 0; --i) {
      const int a = scaled[i];
      const int64_t zero = distortion(a);
      if (a < kAlwaysZero) {
        pass_zero(i, zero);
      } else {
        if (last_bucket(i + 1) != bucket) {
          bucket = last_bucket(i + 1);
          last_cost = costs_.last(m_, shape_, plane_, expected_.energy, bucket);
        }
        advance(i, a, zero, beyond + not_empty_cost + last_cost);
      }
      beyond += zero;
    }
    int best = -1;
    int64_t total = empty_cost;
    for (int s = 0; s < kStates; ++s) {
      if (cost_[s] < total) {
        total = cost_[s];
        best = s;
      }
    }
    out->cost = total;
    out->count = 0;
    if (best < 0) return;
    for (int i = 0, s = best;; ++i) {
      const Step& step = steps_[i][s];
      out->level[i] = step.level;
      s = step.from;
      if (s == kStart) {
        out->count = i + 1;
        return;
      }
    }
  }

 private:
  static constexpr int kAlwaysZero = 100;  // magnitudes below 0.4 half steps are not tried otherwise

  int64_t distortion(int64_t error) const { return (error * error * weight_) >> 16; }
  int energy_at(int i, int acc) const { return energy_class(acc, expected_.cell[shape_.cell[i]]); }

  int significance(int i, int s, int value) const {
    const int acc = acc_[s][i];
    return costs_.bit(m_.significant[quantizer_of(s)][plane_][shape_.size_class][shape_.diagonal[i]][energy_at(i, acc)],
                      m_.nearby[plane_][shape_.shape_class][last_bucket(i + 1)][near_class(acc)], value);
  }

  // Only zero is possible: states move without meeting.
  void pass_zero(int i, int64_t zero) {
    int64_t cost[kStates];
    uint16_t* acc[kStates];
    for (int s = 0; s < kStates; ++s) {
      const int t = kNextState[s][0];
      acc[t] = acc_[s];
      steps_[i][t] = {0, static_cast<int8_t>(s)};
      cost[t] = kNever;
      if (cost_[s] >= kNever) continue;
      cost[t] = cost_[s] + zero + significance(i, s, 0);
    }
    std::copy(cost, cost + kStates, cost_);
    std::copy(acc, acc + kStates, acc_);
  }

  void offer_levels(int quantizer, int a, int i, int acc, int64_t base, Choice* choice) const {
    const int diagonal = shape_.diagonal[i], energy = energy_at(i, acc), near = near_class(acc);
    // Points at 2 k - quantizer half steps (k >= 1): the two around a.
    const int low = (a + (quantizer << 8)) >> 9;
    for (int level = std::max(low, 1); level <= std::min(low + 1, kMaxLevel); ++level) {
      const int64_t error = a - ((2 * level - quantizer) << 8);
      choice->offer(level,
                    base + distortion(error) +
                        costs_.magnitude(m_, quantizer, plane_, shape_.shape_class, diagonal, energy, near, level));
    }
  }

  void advance(int i, int a, int64_t zero, int64_t start_cost) {
    Choice choice[kStates];
    for (int s = 0; s < kStates; ++s) {
      choice[s] = {{kNever, kNever}, {0, 0}};
      if (cost_[s] >= kNever) continue;
      const int quantizer = quantizer_of(s);
      choice[s].offer(0, cost_[s] + zero + significance(i, s, 0));
      offer_levels(quantizer, a, i, acc_[s][i], cost_[s] + significance(i, s, 1), &choice[s]);
    }
    Choice start{{kNever, kNever}, {0, 0}};
    offer_levels(0, a, i, 0, start_cost, &start);

    int64_t cost[kStates];
    int from[kStates], uses[kStates] = {};
    for (int t = 0; t < kStates; ++t) {
      cost[t] = kNever;
      from[t] = kStart;
      int level = 0;
      for (int s = 0; s < kStates; ++s) {
        for (int parity = 0; parity < 2; ++parity) {
          if (kNextState[s][parity] == t && choice[s].cost[parity] < cost[t]) {
            cost[t] = choice[s].cost[parity];
            level = choice[s].level[parity];
            from[t] = s;
          }
        }
      }
      for (int parity = 0; parity < 2; ++parity) {
        if (kNextState[0][parity] == t && start.cost[parity] < cost[t]) {
          cost[t] = start.cost[parity];
          level = start.level[parity];
          from[t] = kStart;
        }
      }
      steps_[i][t] = {static_cast<int16_t>(level), static_cast<int8_t>(from[t])};
      if (cost[t] < kNever && from[t] >= 0) ++uses[from[t]];
    }
    // Move the paths' magnitudes along: the arrays of a path that goes on once are moved, others are copied.
    uint16_t* acc[kStates];
    bool taken[kStates] = {};
    int spares = 0;
    const int first = std::max(0, i - shape_.reach);
    for (int t = 0; t < kStates; ++t) {
      acc[t] = nullptr;
      if (cost[t] < kNever && from[t] >= 0 && !taken[from[t]] && uses[from[t]] == 1) {
        acc[t] = acc_[from[t]];
        taken[from[t]] = true;
      }
    }
    for (int t = 0; t < kStates; ++t) {
      if (acc[t]) continue;
      acc[t] = spare_[spares++];
      if (cost[t] >= kNever) continue;
      if (from[t] == kStart) {
        std::memset(acc[t] + first, 0, sizeof(uint16_t) * (i - first));
      } else {
        std::memcpy(acc[t] + first, acc_[from[t]] + first, sizeof(uint16_t) * (i - first));
      }
    }
    // Arrays that no path uses are free again.
    for (int s = 0; s < kStates; ++s) {
      if (!taken[s]) spare_[--spares] = acc_[s];
    }
    const int16_t* behind = &shape_.behind[static_cast<size_t>(i) * 5];
    for (int t = 0; t < kStates; ++t) {
      acc_[t] = acc[t];
      cost_[t] = cost[t];
      const int level = steps_[i][t].level;
      if (cost[t] >= kNever || level == 0) continue;
      const int magnitude = std::min(level, kMaxMagnitudeInContext);
      constexpr int kWeights[5] = {2, 2, 1, 1, 1};
      for (int n = 0; n < 5; ++n) {
        if (behind[n] >= 0) acc[t][behind[n]] = static_cast<uint16_t>(acc[t][behind[n]] + kWeights[n] * magnitude);
      }
    }
  }

  const Models& m_;
  const Costs& costs_;
  const int weight_;
  const BlockShape& shape_;
  const int plane_;
  const Expectation& expected_;
  int64_t cost_[kStates];
  uint16_t* acc_[kStates];  // weighted magnitudes around each scan position to come
  uint16_t* spare_[kStates];
  uint16_t storage_[2 * kStates][kMaxFrequencies * kMaxFrequencies];
  Step steps_[kMaxFrequencies * kMaxFrequencies][kStates];
};

}  // namespace

void quantize_block_dependent(const Models& m, const Costs& costs, const RdoSettings& settings, const BlockShape& shape,
                              int plane, const Expectation& expected, int empty_context, const int32_t* coef,
                              int step_position, QuantizedBlock* out) {
  alignas(64) int32_t scaled[kMaxFrequencies * kMaxFrequencies];
  scale_coefficients(coef, shape, std::max(0, step_position + kHalfStepOffset), settings.matrix, scaled);
  // Squared error is in half steps here: (2^(-11/16))^2 of the weight for steps.
  const int weight = static_cast<int>((static_cast<int64_t>(settings.distortion_weight) * 25267 + 32768) >> 16);
  int64_t all_zero = 0;
  int count = 0;
  for (int i = 0; i < shape.count; ++i) {
    all_zero += (static_cast<int64_t>(scaled[i]) * scaled[i] * weight) >> 16;
    if (scaled[i] >= 256) count = i + 1;
  }
  const BitModel& empty = m.empty[plane][shape.shape_class][expected.energy][empty_context];
  out->count = 0;
  out->cost = all_zero + costs.bit(empty, 1);
  if (count == 0) return;
  Trellis trellis(m, costs, weight, shape, plane, expected);
  trellis.run(scaled, count, all_zero, out->cost, costs.bit(empty, 0), out);
  for (int i = 0; i < out->count; ++i) {
    if (coef[shape.scan[i]] < 0) out->level[i] = static_cast<int16_t>(-out->level[i]);
  }
}

}  // namespace veneer
