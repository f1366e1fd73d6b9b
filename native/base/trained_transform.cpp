#include "trained_transform.h"

#include <algorithm>
#include <iterator>

namespace veneer {
namespace {

#include "trained_4x4_forward.inc"

// [class][coded coefficient][coefficient of the cosine transform] in 1/128, trained (docs/experiments/base_tools.md); written
// when building by embed_tables.py.
constexpr int8_t kTrained4x4[] = {
#include "trained_4x4.inc"
};

constexpr int kCount = 16, kShift = 7, kHalf = 1 << (kShift - 1), kForwardShift = 10;

static_assert(std::size(kTrained4x4) == kTrainedClasses * kCount * kCount);

int transposed(int i) { return (i & 3) << 2 | i >> 2; }

}  // namespace

const int8_t* trained_matrices() { return kTrained4x4; }

void trained_inverse(int mode, const int16_t* coded, int16_t* coef) {
  const int8_t* matrix = kTrained4x4 + trained_class(mode) * kCount * kCount;
  int32_t sums[kCount];
  std::fill_n(sums, kCount, kHalf);
  for (int j = 0; j < kCount; ++j) {
    const int32_t value = coded[j];
    if (value == 0) continue;
    for (int i = 0; i < kCount; ++i) sums[i] += matrix[j * kCount + i] * value;
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
