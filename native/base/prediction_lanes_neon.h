// Vector operations of the prediction kernels on AArch64 NEON: two registers make a vector.
//
// Place: included by prediction_neon.cpp before prediction_inl.h, which documents them.
#pragma once
#include <arm_neon.h>

#include <cstddef>
#include <cstdint>

#include "common/unroll.h"

namespace veneer::VENEER_TARGET {
namespace {

struct V {
  int16x8_t a, b;
};
using Half = int16x8_t;
struct Pairs {
  V first, second;
};
struct Wide {
  int32x4_t part[4];
};

inline V load(const int16_t* p) { return {vld1q_s16(p), vld1q_s16(p + 8)}; }
inline void store(int16_t* p, V v) {
  vst1q_s16(p, v.a);
  vst1q_s16(p + 8, v.b);
}
inline Half load8(const int16_t* p) { return vld1q_s16(p); }
inline Half load4(const int16_t* p) { return vcombine_s16(vld1_s16(p), vdup_n_s16(0)); }
inline void store8(int16_t* p, Half v) { vst1q_s16(p, v); }
inline void store4(int16_t* p, Half v) { vst1_s16(p, vget_low_s16(v)); }
inline V join(Half low, Half high) { return {low, high}; }
inline Half low_half(V v) { return v.a; }
inline Half high_half(V v) { return v.b; }

inline V constant(int value) {
  return {vdupq_n_s16(static_cast<int16_t>(value)), vdupq_n_s16(static_cast<int16_t>(value))};
}
inline V add(V x, V y) { return {vaddq_s16(x.a, y.a), vaddq_s16(x.b, y.b)}; }
inline V add_saturated(V x, V y) { return {vqaddq_s16(x.a, y.a), vqaddq_s16(x.b, y.b)}; }
inline V sub(V x, V y) { return {vsubq_s16(x.a, y.a), vsubq_s16(x.b, y.b)}; }
inline V absolute(V x) { return {vabsq_s16(x.a), vabsq_s16(x.b)}; }
inline V smaller(V x, V y) { return {vminq_s16(x.a, y.a), vminq_s16(x.b, y.b)}; }
inline V larger(V x, V y) { return {vmaxq_s16(x.a, y.a), vmaxq_s16(x.b, y.b)}; }
inline V choose_greater(V x, V y, V then, V otherwise) {
  return {vbslq_s16(vcgtq_s16(x.a, y.a), then.a, otherwise.a), vbslq_s16(vcgtq_s16(x.b, y.b), then.b, otherwise.b)};
}
inline V shift_left(V x, int bits) {
  const int16x8_t by = vdupq_n_s16(static_cast<int16_t>(bits));
  return {vshlq_s16(x.a, by), vshlq_s16(x.b, by)};
}
inline int16x8_t shift_right(int16x8_t x, int16x8_t by) {
  return vreinterpretq_s16_u16(vshlq_u16(vreinterpretq_u16_s16(x), by));
}
inline V shift_right(V x, int bits) {  // no sign
  const int16x8_t by = vdupq_n_s16(static_cast<int16_t>(-bits));
  return {shift_right(x.a, by), shift_right(x.b, by)};
}
inline V widen(const uint8_t* p) {
  return {vreinterpretq_s16_u16(vmovl_u8(vld1_u8(p))), vreinterpretq_s16_u16(vmovl_u8(vld1_u8(p + 8)))};
}
inline int16x8_t before(int16x8_t row) { return vextq_s16(vdupq_laneq_s16(row, 0), row, 7); }
inline int16x8_t after(int16x8_t row) { return vextq_s16(row, vdupq_laneq_s16(row, 7), 1); }
inline V before(V rows) { return {before(rows.a), before(rows.b)}; }
inline V after(V rows) { return {after(rows.a), after(rows.b)}; }
inline V round_multiply(V x, V y) { return {vqrdmulhq_s16(x.a, y.a), vqrdmulhq_s16(x.b, y.b)}; }

template <int kWidth>
inline V load_group(const int16_t* p, ptrdiff_t stride) {
  if constexpr (kWidth == 4) {
    return {vcombine_s16(vld1_s16(p), vld1_s16(p + stride)),
            vcombine_s16(vld1_s16(p + 2 * stride), vld1_s16(p + 3 * stride))};
  } else if constexpr (kWidth == 8) {
    return {vld1q_s16(p), vld1q_s16(p + stride)};
  } else {
    return load(p);
  }
}

template <int kWidth>
inline void store_group(int16_t* p, ptrdiff_t stride, V v) {
  if constexpr (kWidth == 4) {
    vst1_s16(p, vget_low_s16(v.a));
    vst1_s16(p + stride, vget_high_s16(v.a));
    vst1_s16(p + 2 * stride, vget_low_s16(v.b));
    vst1_s16(p + 3 * stride, vget_high_s16(v.b));
  } else if constexpr (kWidth == 8) {
    vst1q_s16(p, v.a);
    vst1q_s16(p + stride, v.b);
  } else {
    store(p, v);
  }
}

template <int kWidth>
inline V row_group(const int16_t* row) {
  if constexpr (kWidth == 4) {
    const int16x8_t both = vcombine_s16(vld1_s16(row), vld1_s16(row));
    return {both, both};
  } else if constexpr (kWidth == 8) {
    return {vld1q_s16(row), vld1q_s16(row)};
  } else {
    return load(row);
  }
}

template <int kWidth>
inline V column_group(const int16_t* column) {
  if constexpr (kWidth == 4) {
    return {vcombine_s16(vdup_n_s16(column[0]), vdup_n_s16(column[1])),
            vcombine_s16(vdup_n_s16(column[2]), vdup_n_s16(column[3]))};
  } else if constexpr (kWidth == 8) {
    return {vdupq_n_s16(column[0]), vdupq_n_s16(column[1])};
  } else {
    return {vdupq_n_s16(column[0]), vdupq_n_s16(column[0])};
  }
}

inline Pairs zip(V x, V y) { return {x, y}; }
inline Wide wide(int value) {
  const int32x4_t v = vdupq_n_s32(value);
  return {{v, v, v, v}};
}
inline Wide plus(const Wide& x, const Wide& y) {
  return {{vaddq_s32(x.part[0], y.part[0]), vaddq_s32(x.part[1], y.part[1]), vaddq_s32(x.part[2], y.part[2]),
           vaddq_s32(x.part[3], y.part[3])}};
}
inline Wide multiply_add(const Wide& sum, V x, V y) {
  return {{vmlal_s16(sum.part[0], vget_low_s16(x.a), vget_low_s16(y.a)), vmlal_high_s16(sum.part[1], x.a, y.a),
           vmlal_s16(sum.part[2], vget_low_s16(x.b), vget_low_s16(y.b)), vmlal_high_s16(sum.part[3], x.b, y.b)}};
}
inline Wide dot(const Wide& sum, const Pairs& x, const Pairs& y) {
  return multiply_add(multiply_add(sum, x.first, y.first), x.second, y.second);
}
template <int kWidth>
inline Wide column_product(const Wide& sum, V column, const Pairs& weights) {
  return multiply_add(sum, column, weights.first);
}
inline V narrow(const Wide& x, int shift) {
  const int32x4_t by = vdupq_n_s32(-shift);
  return {vcombine_s16(vqmovn_s32(vshlq_s32(x.part[0], by)), vqmovn_s32(vshlq_s32(x.part[1], by))),
          vcombine_s16(vqmovn_s32(vshlq_s32(x.part[2], by)), vqmovn_s32(vshlq_s32(x.part[3], by)))};
}

inline int16x4_t interpolate_low(int16x4_t a, int16x4_t b, int16x4_t c, int16x4_t d, const int16_t* taps) {
  int32x4_t sum = vmlal_n_s16(vmull_n_s16(a, taps[0]), b, taps[1]);
  sum = vmlal_n_s16(vmlal_n_s16(sum, c, taps[2]), d, taps[3]);
  return vqrshrn_n_s32(sum, 6);
}
inline Half interpolate8(const int16_t* in, const int16_t* taps) {
  return vcombine_s16(interpolate_low(vld1_s16(in), vld1_s16(in + 1), vld1_s16(in + 2), vld1_s16(in + 3), taps),
                      interpolate_low(vld1_s16(in + 4), vld1_s16(in + 5), vld1_s16(in + 6), vld1_s16(in + 7), taps));
}
inline Half interpolate4(const int16_t* in, const int16_t* taps) {
  const int16x4_t low = interpolate_low(vld1_s16(in), vld1_s16(in + 1), vld1_s16(in + 2), vld1_s16(in + 3), taps);
  return vcombine_s16(low, low);
}
inline V interpolate16(const int16_t* in, const int16_t* taps) {
  return {interpolate8(in, taps), interpolate8(in + 8, taps)};
}

inline void transpose8(Half* rows) {
  // 4x4 corners first: quads[half][i] holds columns i, i + 4 (val[0]) and i + 2, i + 6 (val[1]) of four rows.
  int32x4x2_t quads[2][2];
  VENEER_UNROLL(2)
  for (int half = 0; half < 2; ++half) {
    const int16x8x2_t ab = vtrnq_s16(rows[4 * half], rows[4 * half + 1]);
    const int16x8x2_t cd = vtrnq_s16(rows[4 * half + 2], rows[4 * half + 3]);
    VENEER_UNROLL(2)
    for (int i = 0; i < 2; ++i) {
      quads[half][i] = vtrnq_s32(vreinterpretq_s32_s16(ab.val[i]), vreinterpretq_s32_s16(cd.val[i]));
    }
  }
  VENEER_UNROLL(4)
  for (int i = 0; i < 4; ++i) {
    const int16x8_t top = vreinterpretq_s16_s32(quads[0][i & 1].val[i >> 1]);
    const int16x8_t bottom = vreinterpretq_s16_s32(quads[1][i & 1].val[i >> 1]);
    rows[i] = vcombine_s16(vget_low_s16(top), vget_low_s16(bottom));
    rows[i + 4] = vcombine_s16(vget_high_s16(top), vget_high_s16(bottom));
  }
}
inline void transpose8(V* rows) {
  Half low[8], high[8];
  VENEER_UNROLL(8)
  for (int i = 0; i < 8; ++i) {
    low[i] = rows[i].a;
    high[i] = rows[i].b;
  }
  transpose8(low);
  transpose8(high);
  VENEER_UNROLL(8)
  for (int i = 0; i < 8; ++i) rows[i] = {low[i], high[i]};
}
inline Half zero_half() { return vdupq_n_s16(0); }
inline void transpose4(Half* rows) {
  Half all[8] = {rows[0], rows[1], rows[2], rows[3], zero_half(), zero_half(), zero_half(), zero_half()};
  transpose8(all);
  for (int i = 0; i < 4; ++i) rows[i] = all[i];
}

using Total = int32x4_t;
inline Total no_total() { return vdupq_n_s32(0); }
inline Total add_samples(Total sum, V v) { return vpadalq_s16(vpadalq_s16(sum, v.a), v.b); }
inline Total add_products(Total sum, V x, V y) {
  sum = vmlal_high_s16(vmlal_s16(sum, vget_low_s16(x.a), vget_low_s16(y.a)), x.a, y.a);
  return vmlal_high_s16(vmlal_s16(sum, vget_low_s16(x.b), vget_low_s16(y.b)), x.b, y.b);
}
inline int64_t long_total(Total v) { return vaddlvq_s32(v); }
inline int sum_total(Total v) { return vaddvq_s32(v); }
inline V load_short(const int16_t* p, int n) { return {n == 4 ? load4(p) : load8(p), zero_half()}; }

}  // namespace
}  // namespace veneer::VENEER_TARGET
