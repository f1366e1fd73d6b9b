// Vector operations of the block transforms on SIMD128 of WebAssembly: columns of a block are lanes.
//
// Place: included by dct_simd128.cpp before dct_inl.h, which documents what a Lanes type provides.
#pragma once
#include <wasm_simd128.h>

#include <cstddef>
#include <cstdint>

namespace veneer::VENEER_TARGET {
namespace {

// Of two registers: values of 16 or 32 bits by turns, from their low or high halves; and their low or high halves.
inline v128_t low16(v128_t a, v128_t b) { return wasm_i16x8_shuffle(a, b, 0, 8, 1, 9, 2, 10, 3, 11); }
inline v128_t high16(v128_t a, v128_t b) { return wasm_i16x8_shuffle(a, b, 4, 12, 5, 13, 6, 14, 7, 15); }
inline v128_t low32(v128_t a, v128_t b) { return wasm_i32x4_shuffle(a, b, 0, 4, 1, 5); }
inline v128_t high32(v128_t a, v128_t b) { return wasm_i32x4_shuffle(a, b, 2, 6, 3, 7); }
inline v128_t low64(v128_t a, v128_t b) { return wasm_i64x2_shuffle(a, b, 0, 2); }
inline v128_t high64(v128_t a, v128_t b) { return wasm_i64x2_shuffle(a, b, 1, 3); }

// A row is the low half of a register.
struct Lanes4 {
  static constexpr int kLanes = 4;
  using Row = v128_t;
  struct Zip {
    v128_t pairs;
  };
  using Acc = v128_t;

  static Row load(const int16_t* p) { return wasm_v128_load64_zero(p); }
  static void store(int16_t* p, Row v) { wasm_v128_store64_lane(p, v, 0); }
  static Row zero() { return wasm_i16x8_const_splat(0); }
  static Row add(Row a, Row b) { return wasm_i16x8_add(a, b); }
  static Row sub(Row a, Row b) { return wasm_i16x8_sub(a, b); }
  static Row both(Row a, Row b) { return wasm_v128_and(a, b); }
  static Zip zip(Row a, Row b) { return {low16(a, b)}; }
  static Acc constant(int32_t v) { return wasm_i32x4_splat(v); }
  static Acc mul(const Zip& z, const int16_t* c) { return wasm_i32x4_dot_i16x8(z.pairs, wasm_v128_load32_splat(c)); }
  static Acc mac(Acc sum, const Zip& z, const int16_t* c) { return wasm_i32x4_add(sum, mul(z, c)); }
  static Acc plus(Acc a, Acc b) { return wasm_i32x4_add(a, b); }
  static Acc minus(Acc a, Acc b) { return wasm_i32x4_sub(a, b); }
  template <int kShift>
  static Row narrow(Acc a) {
    const v128_t shifted = wasm_i32x4_shr(a, kShift);
    return wasm_i16x8_narrow_i32x4(shifted, shifted);
  }
  template <int kShift>
  static void store32(int32_t* p, Acc a) {
    wasm_v128_store(p, wasm_i32x4_shr(a, kShift));
  }
  static void transpose(Row* rows) {
    const v128_t ab = low16(rows[0], rows[1]), cd = low16(rows[2], rows[3]);
    const v128_t first = low32(ab, cd), last = high32(ab, cd);
    rows[0] = first;
    rows[1] = high64(first, first);
    rows[2] = last;
    rows[3] = high64(last, last);
  }
};

struct Lanes8 {
  static constexpr int kLanes = 8;
  using Row = v128_t;
  struct Zip {
    v128_t low, high;
  };
  struct Acc {
    v128_t low, high;
  };

  static Row load(const int16_t* p) { return wasm_v128_load(p); }
  static void store(int16_t* p, Row v) { wasm_v128_store(p, v); }
  static Row zero() { return wasm_i16x8_const_splat(0); }
  static Row add(Row a, Row b) { return wasm_i16x8_add(a, b); }
  static Row sub(Row a, Row b) { return wasm_i16x8_sub(a, b); }
  static Row join(v128_t low, v128_t high) { return low64(low, high); }
  static v128_t low(Row a) { return a; }
  static v128_t high(Row a) { return high64(a, a); }
  static Row both(Row a, Row b) { return wasm_v128_and(a, b); }
  static Zip zip(Row a, Row b) { return {low16(a, b), high16(a, b)}; }
  static Acc constant(int32_t v) { return {wasm_i32x4_splat(v), wasm_i32x4_splat(v)}; }
  static Acc mul(const Zip& z, const int16_t* c) {
    const v128_t both = wasm_v128_load32_splat(c);
    return {wasm_i32x4_dot_i16x8(z.low, both), wasm_i32x4_dot_i16x8(z.high, both)};
  }
  static Acc mac(const Acc& sum, const Zip& z, const int16_t* c) { return plus(sum, mul(z, c)); }
  static Acc plus(const Acc& a, const Acc& b) { return {wasm_i32x4_add(a.low, b.low), wasm_i32x4_add(a.high, b.high)}; }
  static Acc minus(const Acc& a, const Acc& b) {
    return {wasm_i32x4_sub(a.low, b.low), wasm_i32x4_sub(a.high, b.high)};
  }
  template <int kShift>
  static Row narrow(const Acc& a) {
    return wasm_i16x8_narrow_i32x4(wasm_i32x4_shr(a.low, kShift), wasm_i32x4_shr(a.high, kShift));
  }
  template <int kShift>
  static void store32(int32_t* p, const Acc& a) {
    wasm_v128_store(p, wasm_i32x4_shr(a.low, kShift));
    wasm_v128_store(p + 4, wasm_i32x4_shr(a.high, kShift));
  }
  static void transpose(Row* rows) {
    // Pairs of rows, then fours: fours[half][i] holds columns 2 i and 2 i + 1 of four rows.
    v128_t fours[2][4];
#pragma GCC unroll 2
    for (int half = 0; half < 2; ++half) {
      const Row* four = rows + 4 * half;
      const v128_t ab_low = low16(four[0], four[1]), ab_high = high16(four[0], four[1]);
      const v128_t cd_low = low16(four[2], four[3]), cd_high = high16(four[2], four[3]);
      fours[half][0] = low32(ab_low, cd_low);
      fours[half][1] = high32(ab_low, cd_low);
      fours[half][2] = low32(ab_high, cd_high);
      fours[half][3] = high32(ab_high, cd_high);
    }
#pragma GCC unroll 4
    for (int i = 0; i < 4; ++i) {
      rows[2 * i] = low64(fours[0][i], fours[1][i]);
      rows[2 * i + 1] = high64(fours[0][i], fours[1][i]);
    }
  }
};

using WidestLanes = Lanes8;

inline void fill(int16_t* dst, int count, int16_t value) {
  const v128_t all = wasm_i16x8_splat(value);
  for (int i = 0; i < count; i += 8) wasm_v128_store(dst + i, all);
}

}  // namespace
}  // namespace veneer::VENEER_TARGET
