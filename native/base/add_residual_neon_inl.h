// Reconstruction of blocks on AArch64 NEON.
//
// Place: included by dct_neon.cpp. Source: dct.h, TransformKernels.
#pragma once
#include <arm_neon.h>

#include <cstddef>
#include <cstdint>

namespace veneer::VENEER_TARGET {
namespace {

inline void add_residual(const int16_t* prediction, ptrdiff_t prediction_stride, const int16_t* residual, int w, int h,
                         int low, int high, int16_t* recon, ptrdiff_t recon_stride) {
  // Saturation to int16 before the clamp changes nothing, the limits being int16.
  const int16x8_t lowest = vdupq_n_s16(static_cast<int16_t>(low));
  const int16x8_t highest = vdupq_n_s16(static_cast<int16_t>(high));
  for (int y = 0; y < h; ++y, prediction += prediction_stride, residual += w, recon += recon_stride) {
    int x = 0;
    for (; x + 8 <= w; x += 8) {
      const int16x8_t sum = vqaddq_s16(vld1q_s16(prediction + x), vld1q_s16(residual + x));
      vst1q_s16(recon + x, vminq_s16(vmaxq_s16(sum, lowest), highest));
    }
    if (x < w) {
      const int16x4_t sum = vqadd_s16(vld1_s16(prediction + x), vld1_s16(residual + x));
      vst1_s16(recon + x, vmin_s16(vmax_s16(sum, vget_low_s16(lowest)), vget_low_s16(highest)));
    }
  }
}

}  // namespace
}  // namespace veneer::VENEER_TARGET
