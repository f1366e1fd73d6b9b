#include "trained_transform.h"

#include <algorithm>

namespace veneer {
namespace {

#include "trained_4x4_forward.inc"
#include "trained_4x4_generated.inc"

constexpr int kCount = 16, kShift = 7, kHalf = 1 << (kShift - 1), kForwardShift = 10;

int transposed(int i) { return (i & 3) << 2 | i >> 2; }

}  // namespace

const int8_t (&trained_matrices()) [kTrainedClasses][16][16] { return kTrained4x4; }

void trained_inverse(int mode, const int16_t* coded, int16_t* coef) {
  const auto& matrix = kTrained4x4[trained_class(mode)];
  int32_t sums[kCount];
  std::fill_n(sums, kCount, kHalf);
  for (int j = 0; j < kCount; ++j) {
    const int32_t value = coded[j];
    if (value == 0) continue;
    for (int i = 0; i < kCount; ++i) sums[i] += matrix[j][i] * value;
  }
  for (int i = 0; i < kCount; ++i) {
    coef[mirrored(mode) ? transposed(i) : i] = static_cast<int16_t>(std::clamp(sums[i] >> kShift, -32768, 32767));
  }
}

void trained_forward(int mode, int32_t* coef) {
  const auto& matrix = kForward4x4[trained_class(mode)];
  int32_t in[kCount];
  for (int i = 0; i < kCount; ++i) in[i] = coef[mirrored(mode) ? transposed(i) : i];
  for (int j = 0; j < kCount; ++j) {
    // |in| <= 256 times 1020 < 2^18, and the entries of a row together are below 2^12.
    int32_t sum = 1 << (kForwardShift - 1);
    for (int i = 0; i < kCount; ++i) sum += matrix[j][i] * in[i];
    coef[j] = sum >> kForwardShift;
  }
}

}  // namespace veneer
