// Loops of row_filter.h that a compiler makes SIMD of by itself; each target compiles its own.
//
// VENEER_TARGET names the namespace.
#pragma once
#include <cstdlib>

#include "base/row_filter.h"

namespace veneer::VENEER_TARGET {
namespace {

inline void curvature(const int16_t* p, ptrdiff_t stride, int width, int extra, uint16_t* scratch, int32_t* out) {
  const int16_t* q = p - 2;
  const auto second = [](int16_t before, int16_t middle, int16_t after) {
    const auto difference = static_cast<int16_t>(2 * middle - before - after);
    return static_cast<uint16_t>(difference < 0 ? -difference : difference);
  };
  for (int x = 0; x < width + 4; ++x) {
    const int sum = second(q[x - 1], q[x], q[x + 1]) + second(q[x - stride], q[x], q[x + stride]);
    scratch[x] = static_cast<uint16_t>(static_cast<uint16_t>(sum) >> extra);
  }
  for (int x = 0; x < width; ++x) {
    const auto four = static_cast<uint16_t>(scratch[x] + scratch[x + 1] + scratch[x + 3] + scratch[x + 4]);
    out[x] = four + scratch[x + 2];
  }
}

inline void add_rows(const int32_t* const rows[5], int width, int32_t* out) {
  const int32_t *a = rows[0], *b = rows[1], *c = rows[2], *d = rows[3], *e = rows[4];
  for (int x = 0; x < width; ++x) out[x] = a[x] + b[x] + c[x] + d[x] + e[x];
}

// Samples from `first` on.
inline void weight_from(int first, const ClassTaps& taps, const FilterFeature* features, int count,
                        const int32_t* activity, int width, int32_t* change) {
  for (int x = first; x < width; ++x) {
    int k = 0;
    while (k + 1 < taps.classes && activity[x] >= taps.threshold[k]) ++k;
    change[x] = 0;
    for (int i = 0; i < count; ++i) change[x] += taps.tap[i][k] * features[i].at(x);
  }
}

inline void apply(const int32_t* change, int shift, int low, int high, int width, int16_t* samples) {
  const int round = 1 << shift >> 1;
  for (int x = 0; x < width; ++x) {
    const int moved = samples[x] + ((change[x] + round) >> shift);
    samples[x] = static_cast<int16_t>(moved < low ? low : moved > high ? high : moved);
  }
}

}  // namespace
}  // namespace veneer::VENEER_TARGET
