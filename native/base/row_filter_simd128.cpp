// SIMD128 kernels of row filters, for WebAssembly.
//
// Place: one of the targets of dct_dispatch.cpp. Source: docs/format.md, "Filters of tiles".
#include "base/dct_targets.h"

#if defined(__wasm_simd128__)
#include <wasm_simd128.h>

#define VENEER_TARGET filter_simd128
#include "base/row_filter_inl.h"

namespace veneer {
namespace filter_simd128 {
namespace {

// The feature of 8 samples from x on.
v128_t feature_of(const FilterFeature& f, int x) {
  const v128_t c = wasm_v128_load(f.c + x), high = wasm_i16x8_splat(f.limit), low = wasm_i16x8_neg(high);
  const v128_t a = wasm_i16x8_sub(wasm_v128_load(f.a + x), c), b = wasm_i16x8_sub(wasm_v128_load(f.b + x), c);
  return wasm_i16x8_add(wasm_i16x8_max(low, wasm_i16x8_min(high, a)), wasm_i16x8_max(low, wasm_i16x8_min(high, b)));
}

// The classes of 8 samples as bytes, in the low half.
v128_t classes_of(const ClassTaps& taps, const int32_t* activity) {
  const v128_t low = wasm_v128_load(activity), high = wasm_v128_load(activity + 4);
  v128_t reached_low = wasm_i32x4_const_splat(0), reached_high = reached_low;
  for (int k = 0; k + 1 < taps.classes; ++k) {
    const v128_t threshold = wasm_i32x4_splat(taps.threshold[k]);
    reached_low = wasm_i32x4_sub(reached_low, wasm_i32x4_ge(low, threshold));
    reached_high = wasm_i32x4_sub(reached_high, wasm_i32x4_ge(high, threshold));
  }
  const v128_t words = wasm_i16x8_narrow_i32x4(reached_low, reached_high);
  return wasm_i8x16_narrow_i16x8(words, words);
}

void weight(const ClassTaps& taps, const FilterFeature* features, int count, const int32_t* activity, int width,
            int32_t* change) {
  v128_t table[kMaxFilterFeatures];
  for (int i = 0; i < count; ++i) table[i] = wasm_v128_load64_zero(taps.tap[i]);
  int x = 0;
  for (; x + 8 <= width; x += 8) {
    const v128_t k = classes_of(taps, activity + x);
    v128_t low = wasm_i32x4_const_splat(0), high = low;
    for (int i = 0; i < count; ++i) {
      const v128_t f = feature_of(features[i], x), tap = wasm_i16x8_extend_low_i8x16(wasm_i8x16_swizzle(table[i], k));
      low = wasm_i32x4_add(low, wasm_i32x4_extmul_low_i16x8(f, tap));
      high = wasm_i32x4_add(high, wasm_i32x4_extmul_high_i16x8(f, tap));
    }
    wasm_v128_store(change + x, low);
    wasm_v128_store(change + x + 4, high);
  }
  weight_from(x, taps, features, count, activity, width, change);
}

}  // namespace
}  // namespace filter_simd128

const FilterKernels* simd128_filter_kernels() {
  static const FilterKernels table = {filter_simd128::curvature, filter_simd128::add_rows, filter_simd128::weight,
                                      filter_simd128::apply};
  return &table;
}

}  // namespace veneer

#else

namespace veneer {

const FilterKernels* simd128_filter_kernels() { return nullptr; }

}  // namespace veneer

#endif
