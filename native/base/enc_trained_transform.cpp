#include "enc_trained_transform.h"

#include <iterator>

#include "trained_transform.h"

namespace veneer {
namespace {

// [class][coded coefficient][coefficient of the cosine transform] in 1/1024: the inverses of the trained matrices, written
// when building by embed_tables.py.
constexpr int16_t kForward4x4[] = {
#include "trained_4x4_forward.inc"
};

constexpr int kCount = 16, kForwardShift = 10;

static_assert(std::size(kForward4x4) == kTrainedClasses * kCount * kCount);

}  // namespace

void trained_forward(int mode, int32_t* coef) {
  const int16_t* matrix = kForward4x4 + trained_class(mode) * kCount * kCount;
  int32_t in[kCount];
  for (int i = 0; i < kCount; ++i) in[i] = coef[mirrored(mode) ? transposed_4x4(i) : i];
  for (int j = 0; j < kCount; ++j) {
    // |in| <= 256 times 1020 < 2^18, and the entries of a row together are below 2^12.
    int32_t sum = 1 << (kForwardShift - 1);
    for (int i = 0; i < kCount; ++i) sum += matrix[j * kCount + i] * in[i];
    coef[j] = sum >> kForwardShift;
  }
}

}  // namespace veneer
