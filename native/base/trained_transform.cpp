#include "trained_transform.h"

#include <algorithm>
#include <iterator>

namespace veneer {
namespace {

// [class][coded coefficient][coefficient of the cosine transform] in 1/128, trained (docs/experiments/base_tools.md); written
// when building by embed_tables.py.
constexpr int8_t kTrained4x4[] = {
#include "trained_4x4.inc"
};

constexpr int kCount = 16, kShift = 7, kHalf = 1 << (kShift - 1);

static_assert(std::size(kTrained4x4) == kTrainedClasses * kCount * kCount);

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
    coef[mirrored(mode) ? transposed_4x4(i) : i] = static_cast<int16_t>(std::clamp(sums[i] >> kShift, -32768, 32767));
  }
}

}  // namespace veneer
