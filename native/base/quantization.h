// Quantization steps and dequantization.
//
// Steps are on a grid of sixteenths of an octave. A leaf's step for amplitude-domain coefficients is
//     step(i) = 2^((i - 96) / 16),  i = Step_Index + 128 - 8 (log2 W + log2 H) + offsets,
// so that the orthonormal step, 2^((Step_Index - 32) / 16) quarter levels, is the same for every block size.
// Levels are multiples of half a dependent step, which is 2^(-11/16) of the step above (coefficients.h).
// Source: docs/format.md, "Quantization".
#pragma once
#include <algorithm>
#include <cstdint>

#include "block_shape.h"

namespace veneer {

// round(2^14 * 2^(i / 16)). Normative.
inline constexpr int kStepMantissa[16] = {16384, 17109, 17867, 18658, 19484, 20347, 21247, 22188,
                                          23170, 24196, 25268, 26386, 27554, 28774, 30048, 31379};

constexpr int kMaxStepPosition = 319;
constexpr int kHalfStepOffset = -11;  // 2^(5/16) / 2

inline int step_position(int step_index, const BlockShape& shape) {
  return std::clamp(step_index + 128 - 8 * (shape.log2_w + shape.log2_h), 0, kMaxStepPosition);
}

// 2^20 times the step.
inline int64_t step_scale(int position) {
  return static_cast<int64_t>(kStepMantissa[position & 15]) << (position >> 4);
}

constexpr int kFrequencies = 15;

// Frequency weighting: sixteenths of an octave by which the step grows at frequency f = 0..14.
inline int matrix_offset(int matrix, int f) { return (matrix * f + 2) >> 2; }

// 2^20 times half a dependent step.
inline int64_t half_step_scale(int position) { return step_scale(std::max(0, position + kHalfStepOffset)); }

// The same for every frequency of a block.
struct HalfSteps {
  int64_t scale[kFrequencies];

  HalfSteps(int position, int matrix) {
    scale[0] = half_step_scale(position);
    for (int f = 1; f < kFrequencies; ++f) {
      scale[f] =
          matrix == 0 ? scale[0] : half_step_scale(std::min(kMaxStepPosition, position + matrix_offset(matrix, f)));
    }
  }
};

// value: a multiple of half a step.
inline int16_t dequantize(int value, int64_t half_scale) {
  const int64_t magnitude = (static_cast<int64_t>(value < 0 ? -value : value) * half_scale + (1 << 19)) >> 20;
  const int limited = static_cast<int>(std::min<int64_t>(magnitude, 32767));
  return static_cast<int16_t>(value < 0 ? -limited : limited);
}

}  // namespace veneer
