// Quantization steps and dequantization.
//
// Steps are on a grid of sixteenths of an octave. A leaf's step for amplitude-domain coefficients is
//     step(i) = 2^((i - 96) / 16),  i = Step_Index + 128 - 8 (log2 W + log2 H) + offsets,
// so that the orthonormal step, 2^((Step_Index - 32) / 16) quarter levels, is the same for every block size.
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

inline int step_position(int step_index, const BlockShape& shape) {
  return std::clamp(step_index + 128 - 8 * (shape.log2_w + shape.log2_h), 0, kMaxStepPosition);
}

// 2^20 times the step.
inline int64_t step_scale(int position) { return static_cast<int64_t>(kStepMantissa[position & 15]) << (position >> 4); }

inline int16_t dequantize(int level, int64_t scale) {
  const int64_t magnitude = (static_cast<int64_t>(level < 0 ? -level : level) * scale + (1 << 19)) >> 20;
  const int value = static_cast<int>(std::min<int64_t>(magnitude, 32767));
  return static_cast<int16_t>(level < 0 ? -value : value);
}

}  // namespace veneer
