// Block metrics of the encoder on AArch64 NEON.
//
// Place: included by enc_kernels_neon.cpp. Source: enc_kernels.h.
#pragma once
#include <arm_neon.h>

#include <cstddef>
#include <cstdint>

#include "common/unroll.h"

namespace veneer::VENEER_TARGET {
namespace {

// Two rows of 4 samples.
inline int16x8_t load4x2(const int16_t* p, ptrdiff_t stride) { return vcombine_s16(vld1_s16(p), vld1_s16(p + stride)); }

// 8 samples of a block: 2 rows of 4 or part of a row.
template <bool kNarrow>
inline int16x8_t load_group(const int16_t* p, ptrdiff_t stride) {
  return kNarrow ? load4x2(p, stride) : vld1q_s16(p);
}

template <bool kNarrow>
inline int64_t sse_width(const int16_t* a, ptrdiff_t stride_a, const int16_t* b, ptrdiff_t stride_b, int w, int h) {
  uint64x2_t sum = vdupq_n_u64(0);
  for (int y = 0; y < h; y += kNarrow ? 2 : 1) {
    for (int x = 0; x < w; x += 8) {
      const int16x8_t d = vsubq_s16(load_group<kNarrow>(a + y * stride_a + x, stride_a),
                                    load_group<kNarrow>(b + y * stride_b + x, stride_b));
      // At most 2 (2^15 - 1)^2 in a lane: 32 bits.
      const int32x4_t squares = vmlal_high_s16(vmull_s16(vget_low_s16(d), vget_low_s16(d)), d, d);
      sum = vpadalq_u32(sum, vreinterpretq_u32_s32(squares));
    }
  }
  return static_cast<int64_t>(vaddvq_u64(sum));
}

inline int64_t sse(const int16_t* a, ptrdiff_t stride_a, const int16_t* b, ptrdiff_t stride_b, int w, int h) {
  return w == 4 ? sse_width<true>(a, stride_a, b, stride_b, w, h) : sse_width<false>(a, stride_a, b, stride_b, w, h);
}

inline void butterfly(int16x8_t& a, int16x8_t& b) {
  const int16x8_t sum = vaddq_s16(a, b);
  b = vsubq_s16(a, b);
  a = sum;
}

// As |x + y| + |x - y| = 2 max(|x|, |y|), the last butterflies are not computed: the functions below add up
// half of the sum of absolute coefficients.

inline int64_t satd4(const int16_t* a, ptrdiff_t stride_a, const int16_t* b, ptrdiff_t stride_b, int w, int h) {
  uint32x4_t total = vdupq_n_u32(0);
  for (int y = 0; y < h; y += 4) {
    for (int x = 0; x < w; x += 4) {
      const int16_t *pa = a + y * stride_a + x, *pb = b + y * stride_b + x;
      // No value leaves int16: 16 * 2047 < 2^15.
      int16x8_t top = vsubq_s16(load4x2(pa, stride_a), load4x2(pb, stride_b));
      int16x8_t bottom = vsubq_s16(load4x2(pa + 2 * stride_a, stride_a), load4x2(pb + 2 * stride_b, stride_b));
      butterfly(top, bottom);  // rows 0, 1 and 2, 3 of the first vertical step
      int16x8_t even = vcombine_s16(vget_low_s16(top), vget_low_s16(bottom));
      int16x8_t odd = vcombine_s16(vget_high_s16(top), vget_high_s16(bottom));
      butterfly(even, odd);
      // Neighbouring columns, then the two pairs of each row.
      int16x8_t left = vuzp1q_s16(even, odd), right = vuzp2q_s16(even, odd);
      butterfly(left, right);
      const int16x8_t sums = vabsq_s16(left), differences = vabsq_s16(right);
      const int16x8_t x0 = vmaxq_s16(vuzp1q_s16(sums, differences), vuzp2q_s16(sums, differences));
      total = vpadalq_u16(total, vreinterpretq_u16_s16(x0));
    }
  }
  return static_cast<int64_t>(vaddvq_u32(total));
}

// Half sum of an 8x8 block. Four butterflies fit int16 (16 * 2047), the fifth one widens.
inline uint32_t half_satd8(const int16_t* a, ptrdiff_t stride_a, const int16_t* b, ptrdiff_t stride_b) {
  int16x8_t d[8];
  VENEER_UNROLL(8)
  for (int i = 0; i < 8; ++i) d[i] = vsubq_s16(vld1q_s16(a + i * stride_a), vld1q_s16(b + i * stride_b));
  VENEER_UNROLL(3)
  for (int step = 1; step < 8; step *= 2) {
    VENEER_UNROLL(8)
    for (int i = 0; i < 8; ++i) {
      if ((i & step) == 0) butterfly(d[i], d[i + step]);
    }
  }
  uint32x4_t total = vdupq_n_u32(0);
  VENEER_UNROLL(4)
  for (int i = 0; i < 8; i += 2) {
    // Columns 2j and 2j + 1 of two rows.
    int16x8_t even = vuzp1q_s16(d[i], d[i + 1]), odd = vuzp2q_s16(d[i], d[i + 1]);
    butterfly(even, odd);
    const int16x8_t halves[2] = {even, odd};
    for (const int16x8_t& v : halves) {
      // Per row the lanes 0..3: butterflies of 0, 2 and 1, 3, then the larger ones.
      const int16x8_t pairs = vuzp1q_s16(v, v), others = vuzp2q_s16(v, v);
      const int32x4_t x = vabsq_s32(vaddl_s16(vget_low_s16(pairs), vget_low_s16(others)));
      const int32x4_t y = vabsq_s32(vsubl_s16(vget_low_s16(pairs), vget_low_s16(others)));
      const int32x4_t larger = vmaxq_s32(vuzp1q_s32(x, y), vuzp2q_s32(x, y));
      total = vaddq_u32(total, vreinterpretq_u32_s32(larger));
    }
  }
  return vaddvq_u32(total);
}

inline int64_t satd(const int16_t* a, ptrdiff_t stride_a, const int16_t* b, ptrdiff_t stride_b, int w, int h) {
  if (w == 4 || h == 4) return satd4(a, stride_a, b, stride_b, w, h);
  int64_t total = 0;
  for (int y = 0; y < h; y += 8) {
    for (int x = 0; x < w; x += 8) {
      // (2 sum + 2) >> 2 of each block.
      total += (half_satd8(a + y * stride_a + x, stride_a, b + y * stride_b + x, stride_b) + 1) >> 1;
    }
  }
  return total;
}

}  // namespace
}  // namespace veneer::VENEER_TARGET
