// NEON kernels of row filters, for AArch64.
//
// Place: one of the targets of dct_dispatch.cpp. Source: docs/format.md, "Filters of tiles".
#include "base/dct_targets.h"

#if defined(__aarch64__)
#include <arm_neon.h>

#define VENEER_TARGET filter_neon
#include "base/row_filter_inl.h"

namespace veneer {
namespace filter_neon {
namespace {

// The feature of 8 samples from x on.
int16x8_t feature_of(const FilterFeature& f, int x) {
  const int16x8_t c = vld1q_s16(f.c + x), high = vdupq_n_s16(f.limit), low = vnegq_s16(high);
  const int16x8_t a = vsubq_s16(vld1q_s16(f.a + x), c), b = vsubq_s16(vld1q_s16(f.b + x), c);
  return vaddq_s16(vmaxq_s16(low, vminq_s16(high, a)), vmaxq_s16(low, vminq_s16(high, b)));
}

// The classes of 8 samples.
uint8x8_t classes_of(const ClassTaps& taps, const int32_t* activity) {
  const int32x4_t low = vld1q_s32(activity), high = vld1q_s32(activity + 4);
  uint32x4_t reached_low = vdupq_n_u32(0), reached_high = reached_low;
  for (int k = 0; k + 1 < taps.classes; ++k) {
    const int32x4_t threshold = vdupq_n_s32(taps.threshold[k]);
    reached_low = vsubq_u32(reached_low, vcgeq_s32(low, threshold));
    reached_high = vsubq_u32(reached_high, vcgeq_s32(high, threshold));
  }
  return vmovn_u16(vcombine_u16(vmovn_u32(reached_low), vmovn_u32(reached_high)));
}

void weight(const ClassTaps& taps, const FilterFeature* features, int count, const int32_t* activity, int width,
            int32_t* change) {
  int x = 0;
  for (; x + 8 <= width; x += 8) {
    const uint8x8_t k = classes_of(taps, activity + x);
    int32x4_t low = vdupq_n_s32(0), high = low;
    for (int i = 0; i < count; ++i) {
      const int16x8_t f = feature_of(features[i], x),
                      tap = vmovl_s8(vtbl1_s8(vld1_s8(taps.tap[i]), vreinterpret_s8_u8(k)));
      low = vmlal_s16(low, vget_low_s16(f), vget_low_s16(tap));
      high = vmlal_s16(high, vget_high_s16(f), vget_high_s16(tap));
    }
    vst1q_s32(change + x, low);
    vst1q_s32(change + x + 4, high);
  }
  weight_from(x, taps, features, count, activity, width, change);
}

}  // namespace
}  // namespace filter_neon

const FilterKernels* neon_filter_kernels() {
  static const FilterKernels table = {filter_neon::curvature, filter_neon::add_rows, filter_neon::weight,
                                      filter_neon::apply};
  return &table;
}

}  // namespace veneer

#else

namespace veneer {

const FilterKernels* neon_filter_kernels() { return nullptr; }

}  // namespace veneer

#endif
