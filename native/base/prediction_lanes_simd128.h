// Vector operations of the prediction kernels on SIMD128 of WebAssembly: two registers make a vector.
//
// Place: included by prediction_simd128.cpp before prediction_inl.h, which documents them.
#pragma once
#include <wasm_simd128.h>

#include <cstddef>
#include <cstdint>

namespace veneer::VENEER_TARGET {
namespace {

struct V {
  v128_t a, b;
};
using Half = v128_t;
// Interleaved: the low and the high half of the first register, then of the second.
struct Pairs {
  v128_t part[4];
};
using Wide = Pairs;

inline v128_t low16(v128_t a, v128_t b) { return wasm_i16x8_shuffle(a, b, 0, 8, 1, 9, 2, 10, 3, 11); }
inline v128_t high16(v128_t a, v128_t b) { return wasm_i16x8_shuffle(a, b, 4, 12, 5, 13, 6, 14, 7, 15); }

inline V load(const int16_t* p) { return {wasm_v128_load(p), wasm_v128_load(p + 8)}; }
inline void store(int16_t* p, V v) {
  wasm_v128_store(p, v.a);
  wasm_v128_store(p + 8, v.b);
}
inline Half load8(const int16_t* p) { return wasm_v128_load(p); }
inline Half load4(const int16_t* p) { return wasm_v128_load64_zero(p); }
inline void store8(int16_t* p, Half v) { wasm_v128_store(p, v); }
inline void store4(int16_t* p, Half v) { wasm_v128_store64_lane(p, v, 0); }
inline V join(Half low, Half high) { return {low, high}; }
inline Half low_half(V v) { return v.a; }
inline Half high_half(V v) { return v.b; }

inline V constant(int value) {
  const v128_t v = wasm_i16x8_splat(static_cast<int16_t>(value));
  return {v, v};
}
inline V add(V x, V y) { return {wasm_i16x8_add(x.a, y.a), wasm_i16x8_add(x.b, y.b)}; }
inline V add_saturated(V x, V y) { return {wasm_i16x8_add_sat(x.a, y.a), wasm_i16x8_add_sat(x.b, y.b)}; }
inline V sub(V x, V y) { return {wasm_i16x8_sub(x.a, y.a), wasm_i16x8_sub(x.b, y.b)}; }
inline V absolute(V x) { return {wasm_i16x8_abs(x.a), wasm_i16x8_abs(x.b)}; }
inline V smaller(V x, V y) { return {wasm_i16x8_min(x.a, y.a), wasm_i16x8_min(x.b, y.b)}; }
inline V larger(V x, V y) { return {wasm_i16x8_max(x.a, y.a), wasm_i16x8_max(x.b, y.b)}; }
inline V choose_greater(V x, V y, V then, V otherwise) {
  return {wasm_v128_bitselect(then.a, otherwise.a, wasm_i16x8_gt(x.a, y.a)),
          wasm_v128_bitselect(then.b, otherwise.b, wasm_i16x8_gt(x.b, y.b))};
}
inline V shift_left(V x, int bits) { return {wasm_i16x8_shl(x.a, bits), wasm_i16x8_shl(x.b, bits)}; }
inline V shift_right(V x, int bits) { return {wasm_u16x8_shr(x.a, bits), wasm_u16x8_shr(x.b, bits)}; }  // no sign
inline V widen(const uint8_t* p) { return {wasm_u16x8_load8x8(p), wasm_u16x8_load8x8(p + 8)}; }
inline v128_t before(v128_t row) { return wasm_i16x8_shuffle(row, row, 0, 0, 1, 2, 3, 4, 5, 6); }
inline v128_t after(v128_t row) { return wasm_i16x8_shuffle(row, row, 1, 2, 3, 4, 5, 6, 7, 7); }
inline V before(V rows) { return {before(rows.a), before(rows.b)}; }
inline V after(V rows) { return {after(rows.a), after(rows.b)}; }
// Saturated where both are -2^15, which no prediction asks for.
inline V round_multiply(V x, V y) { return {wasm_i16x8_q15mulr_sat(x.a, y.a), wasm_i16x8_q15mulr_sat(x.b, y.b)}; }

template <int kWidth>
inline V load_group(const int16_t* p, ptrdiff_t stride) {
  if constexpr (kWidth == 4) {
    return {wasm_v128_load64_lane(p + stride, load4(p), 1),
            wasm_v128_load64_lane(p + 3 * stride, load4(p + 2 * stride), 1)};
  } else if constexpr (kWidth == 8) {
    return {load8(p), load8(p + stride)};
  } else {
    return load(p);
  }
}

template <int kWidth>
inline void store_group(int16_t* p, ptrdiff_t stride, V v) {
  if constexpr (kWidth == 4) {
    wasm_v128_store64_lane(p, v.a, 0);
    wasm_v128_store64_lane(p + stride, v.a, 1);
    wasm_v128_store64_lane(p + 2 * stride, v.b, 0);
    wasm_v128_store64_lane(p + 3 * stride, v.b, 1);
  } else if constexpr (kWidth == 8) {
    store8(p, v.a);
    store8(p + stride, v.b);
  } else {
    store(p, v);
  }
}

template <int kWidth>
inline V row_group(const int16_t* row) {
  if constexpr (kWidth == 4) {
    const v128_t both = wasm_v128_load64_splat(row);
    return {both, both};
  } else if constexpr (kWidth == 8) {
    return {load8(row), load8(row)};
  } else {
    return load(row);
  }
}

template <int kWidth>
inline V column_group(const int16_t* column) {
  if constexpr (kWidth == 4) {
    const v128_t four = load4(column);
    return {wasm_i16x8_shuffle(four, four, 0, 0, 0, 0, 1, 1, 1, 1),
            wasm_i16x8_shuffle(four, four, 2, 2, 2, 2, 3, 3, 3, 3)};
  } else if constexpr (kWidth == 8) {
    return {wasm_v128_load16_splat(column), wasm_v128_load16_splat(column + 1)};
  } else {
    const v128_t one = wasm_v128_load16_splat(column);
    return {one, one};
  }
}

inline Pairs zip(V x, V y) { return {{low16(x.a, y.a), high16(x.a, y.a), low16(x.b, y.b), high16(x.b, y.b)}}; }
inline Wide wide(int value) {
  const v128_t v = wasm_i32x4_splat(value);
  return {{v, v, v, v}};
}
inline v128_t accumulate(v128_t sum, v128_t x, v128_t y) { return wasm_i32x4_add(sum, wasm_i32x4_dot_i16x8(x, y)); }
inline Wide plus(const Wide& x, const Wide& y) {
  return {{wasm_i32x4_add(x.part[0], y.part[0]), wasm_i32x4_add(x.part[1], y.part[1]),
           wasm_i32x4_add(x.part[2], y.part[2]), wasm_i32x4_add(x.part[3], y.part[3])}};
}
inline Wide dot(const Wide& sum, const Pairs& x, const Pairs& y) {
  return {{accumulate(sum.part[0], x.part[0], y.part[0]), accumulate(sum.part[1], x.part[1], y.part[1]),
           accumulate(sum.part[2], x.part[2], y.part[2]), accumulate(sum.part[3], x.part[3], y.part[3])}};
}
// The second of each pair of weights is 0, so that what it is multiplied by does not matter.
template <int kWidth>
inline Wide column_product(const Wide& sum, V column, const Pairs& weights) {
  if constexpr (kWidth == 4) {
    return dot(sum, zip(column, column), weights);  // a register holds two values
  } else {
    return {{accumulate(sum.part[0], column.a, weights.part[0]), accumulate(sum.part[1], column.a, weights.part[1]),
             accumulate(sum.part[2], column.b, weights.part[2]), accumulate(sum.part[3], column.b, weights.part[3])}};
  }
}
inline V narrow(const Wide& x, int shift) {
  return {wasm_i16x8_narrow_i32x4(wasm_i32x4_shr(x.part[0], shift), wasm_i32x4_shr(x.part[1], shift)),
          wasm_i16x8_narrow_i32x4(wasm_i32x4_shr(x.part[2], shift), wasm_i32x4_shr(x.part[3], shift))};
}

inline Half interpolate8(const int16_t* in, const int16_t* taps) {
  const v128_t first = wasm_v128_load32_splat(taps), second = wasm_v128_load32_splat(taps + 2);
  const v128_t a = load8(in), b = load8(in + 1), c = load8(in + 2), d = load8(in + 3);
  const v128_t round = wasm_i32x4_const_splat(32);
  const v128_t low = accumulate(accumulate(round, low16(a, b), first), low16(c, d), second);
  const v128_t high = accumulate(accumulate(round, high16(a, b), first), high16(c, d), second);
  return wasm_i16x8_narrow_i32x4(wasm_i32x4_shr(low, 6), wasm_i32x4_shr(high, 6));
}
inline Half interpolate4(const int16_t* in, const int16_t* taps) {
  const v128_t samples = load8(in);
  const v128_t ab = wasm_i16x8_shuffle(samples, samples, 0, 1, 1, 2, 2, 3, 3, 4);
  const v128_t cd = wasm_i16x8_shuffle(samples, samples, 2, 3, 3, 4, 4, 5, 5, 6);
  v128_t sum = accumulate(wasm_i32x4_const_splat(32), ab, wasm_v128_load32_splat(taps));
  sum = wasm_i32x4_shr(accumulate(sum, cd, wasm_v128_load32_splat(taps + 2)), 6);
  return wasm_i16x8_narrow_i32x4(sum, sum);
}
inline V interpolate16(const int16_t* in, const int16_t* taps) {
  return {interpolate8(in, taps), interpolate8(in + 8, taps)};
}

inline void transpose8(Half* rows) {
  // Pairs of rows, then fours: fours[half][i] holds columns 2 i and 2 i + 1 of four rows.
  v128_t fours[2][4];
#pragma GCC unroll 2
  for (int half = 0; half < 2; ++half) {
    const Half* four = rows + 4 * half;
    const v128_t ab_low = low16(four[0], four[1]), ab_high = high16(four[0], four[1]);
    const v128_t cd_low = low16(four[2], four[3]), cd_high = high16(four[2], four[3]);
    fours[half][0] = wasm_i32x4_shuffle(ab_low, cd_low, 0, 4, 1, 5);
    fours[half][1] = wasm_i32x4_shuffle(ab_low, cd_low, 2, 6, 3, 7);
    fours[half][2] = wasm_i32x4_shuffle(ab_high, cd_high, 0, 4, 1, 5);
    fours[half][3] = wasm_i32x4_shuffle(ab_high, cd_high, 2, 6, 3, 7);
  }
#pragma GCC unroll 4
  for (int i = 0; i < 4; ++i) {
    rows[2 * i] = wasm_i64x2_shuffle(fours[0][i], fours[1][i], 0, 2);
    rows[2 * i + 1] = wasm_i64x2_shuffle(fours[0][i], fours[1][i], 1, 3);
  }
}
inline void transpose8(V* rows) {
  Half low[8], high[8];
#pragma GCC unroll 8
  for (int i = 0; i < 8; ++i) {
    low[i] = rows[i].a;
    high[i] = rows[i].b;
  }
  transpose8(low);
  transpose8(high);
#pragma GCC unroll 8
  for (int i = 0; i < 8; ++i) rows[i] = {low[i], high[i]};
}
inline void transpose4(Half* rows) {
  const v128_t ab = low16(rows[0], rows[1]), cd = low16(rows[2], rows[3]);
  rows[0] = wasm_i32x4_shuffle(ab, cd, 0, 4, 1, 5);
  rows[1] = wasm_i64x2_shuffle(rows[0], rows[0], 1, 1);
  rows[2] = wasm_i32x4_shuffle(ab, cd, 2, 6, 3, 7);
  rows[3] = wasm_i64x2_shuffle(rows[2], rows[2], 1, 1);
}
inline Half zero_half() { return wasm_i16x8_const_splat(0); }

using Total = v128_t;
inline Total no_total() { return wasm_i32x4_const_splat(0); }
inline Total add_samples(Total sum, V v) {
  return wasm_i32x4_add(sum,
                        wasm_i32x4_add(wasm_i32x4_extadd_pairwise_i16x8(v.a), wasm_i32x4_extadd_pairwise_i16x8(v.b)));
}
inline int sum_total(Total v) {
  const v128_t two = wasm_i32x4_add(v, wasm_i64x2_shuffle(v, v, 1, 1));
  return wasm_i32x4_extract_lane(two, 0) + wasm_i32x4_extract_lane(two, 1);
}
inline V load_short(const int16_t* p, int n) { return {n == 4 ? load4(p) : load8(p), zero_half()}; }

}  // namespace
}  // namespace veneer::VENEER_TARGET
