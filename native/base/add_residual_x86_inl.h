// Reconstruction of blocks on AVX2 and AVX-512 (256-bit vectors in both).
//
// Place: included by dct_avx2.cpp and dct_avx512.cpp after dct_lanes_x86.h. Source: dct.h, TransformKernels.
#pragma once
#include <immintrin.h>

#include <cstddef>
#include <cstdint>

#include "base/block_groups_x86_inl.h"

namespace veneer::VENEER_TARGET {
namespace {

struct Clamp {
  __m256i low, high;

  // Saturation to int16 before the clamp changes nothing, the limits being int16.
  __m256i operator()(__m256i a, __m256i b) const {
    return _mm256_min_epi16(_mm256_max_epi16(_mm256_adds_epi16(a, b), low), high);
  }
};

// The rows of a block 4 or 8 samples wide, 16 samples at a time; returns the number of rows done.
template <int kWidth>
inline int add_residual_narrow(const int16_t* prediction, ptrdiff_t prediction_stride, const int16_t* residual, int h,
                               const Clamp& clamp, int16_t* recon, ptrdiff_t recon_stride) {
  constexpr int kRows = 16 / kWidth;
  int y = 0;
  for (; y + kRows <= h; y += kRows, residual += 16) {
    const __m256i sum =
        clamp(load_group<kWidth>(prediction + y * prediction_stride, prediction_stride), load16(residual));
    int16_t* row = recon + y * recon_stride;
    const __m128i low = _mm256_castsi256_si128(sum), high = _mm256_extracti128_si256(sum, 1);
    if constexpr (kWidth == 4) {
      store4(row, low);
      store4(row + recon_stride, _mm_unpackhi_epi64(low, low));
      store4(row + 2 * recon_stride, high);
      store4(row + 3 * recon_stride, _mm_unpackhi_epi64(high, high));
    } else {
      store8(row, low);
      store8(row + recon_stride, high);
    }
  }
  return y;
}

inline void add_residual(const int16_t* prediction, ptrdiff_t prediction_stride, const int16_t* residual, int w, int h,
                         int low, int high, int16_t* recon, ptrdiff_t recon_stride) {
  const Clamp clamp{_mm256_set1_epi16(static_cast<int16_t>(low)), _mm256_set1_epi16(static_cast<int16_t>(high))};
  int y = 0;
  if (w == 4) y = add_residual_narrow<4>(prediction, prediction_stride, residual, h, clamp, recon, recon_stride);
  if (w == 8) y = add_residual_narrow<8>(prediction, prediction_stride, residual, h, clamp, recon, recon_stride);
  for (; y < h; ++y) {
    const int16_t *p = prediction + y * prediction_stride, *r = residual + y * w;
    int16_t* out = recon + y * recon_stride;
    int x = 0;
    for (; x + 16 <= w; x += 16) store16(out + x, clamp(load16(p + x), load16(r + x)));
    for (; x < w; x += 4) {
      const __m256i sum = clamp(_mm256_castsi128_si256(load4(p + x)), _mm256_castsi128_si256(load4(r + x)));
      store4(out + x, _mm256_castsi256_si128(sum));
    }
  }
}

}  // namespace
}  // namespace veneer::VENEER_TARGET
