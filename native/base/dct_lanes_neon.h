// Vector operations of the block transforms on AArch64 NEON: columns of a block are lanes.
//
// Place: included by dct_neon.cpp before dct_inl.h, which documents what a Lanes type provides. There is
// no 16-bit pairwise multiply-add here: a Zip keeps its two rows apart, and each is multiplied by a scalar.
#pragma once
#include <arm_neon.h>

#include <cstddef>
#include <cstdint>

#include "common/unroll.h"

namespace veneer::VENEER_TARGET {
namespace {

struct Lanes4 {
  static constexpr int kLanes = 4;
  using Row = int16x4_t;
  struct Zip {
    int16x4_t a, b;
  };
  using Acc = int32x4_t;

  static Row load(const int16_t* p) { return vld1_s16(p); }
  static void store(int16_t* p, Row v) { vst1_s16(p, v); }
  static Row zero() { return vdup_n_s16(0); }
  static Row add(Row a, Row b) { return vadd_s16(a, b); }
  static Row sub(Row a, Row b) { return vsub_s16(a, b); }
  static Row both(Row a, Row b) { return vand_s16(a, b); }
  static Zip zip(Row a, Row b) { return {a, b}; }
  static Acc constant(int32_t v) { return vdupq_n_s32(v); }
  static Acc mul(const Zip& z, const int16_t* c) { return vmlal_n_s16(vmull_n_s16(z.a, c[0]), z.b, c[1]); }
  static Acc mac(Acc sum, const Zip& z, const int16_t* c) {
    return vmlal_n_s16(vmlal_n_s16(sum, z.a, c[0]), z.b, c[1]);
  }
  static Acc plus(Acc a, Acc b) { return vaddq_s32(a, b); }
  static Acc minus(Acc a, Acc b) { return vsubq_s32(a, b); }
  template <int kShift>
  static Row narrow(Acc a) {
    return vqshrn_n_s32(a, kShift);
  }
  template <int kShift>
  static void store32(int32_t* p, Acc a) {
    vst1q_s32(p, vshrq_n_s32(a, kShift));
  }
  static void transpose(Row* rows) {
    const int16x4x2_t ab = vtrn_s16(rows[0], rows[1]), cd = vtrn_s16(rows[2], rows[3]);
    VENEER_UNROLL(2)
    for (int i = 0; i < 2; ++i) {
      const int32x2x2_t columns = vtrn_s32(vreinterpret_s32_s16(ab.val[i]), vreinterpret_s32_s16(cd.val[i]));
      rows[i] = vreinterpret_s16_s32(columns.val[0]);
      rows[i + 2] = vreinterpret_s16_s32(columns.val[1]);
    }
  }
};

struct Lanes8 {
  static constexpr int kLanes = 8;
  using Row = int16x8_t;
  struct Zip {
    int16x8_t a, b;
  };
  struct Acc {
    int32x4_t low, high;
  };

  static Row load(const int16_t* p) { return vld1q_s16(p); }
  static void store(int16_t* p, Row v) { vst1q_s16(p, v); }
  static Row zero() { return vdupq_n_s16(0); }
  static Row add(Row a, Row b) { return vaddq_s16(a, b); }
  static Row sub(Row a, Row b) { return vsubq_s16(a, b); }
  static Row join(int16x4_t low, int16x4_t high) { return vcombine_s16(low, high); }
  static int16x4_t low(Row a) { return vget_low_s16(a); }
  static int16x4_t high(Row a) { return vget_high_s16(a); }
  static Row both(Row a, Row b) { return vandq_s16(a, b); }
  static Zip zip(Row a, Row b) { return {a, b}; }
  static Acc constant(int32_t v) { return {vdupq_n_s32(v), vdupq_n_s32(v)}; }
  static Acc mul(const Zip& z, const int16_t* c) {
    return {vmlal_n_s16(vmull_n_s16(vget_low_s16(z.a), c[0]), vget_low_s16(z.b), c[1]),
            vmlal_high_n_s16(vmull_high_n_s16(z.a, c[0]), z.b, c[1])};
  }
  static Acc mac(const Acc& sum, const Zip& z, const int16_t* c) {
    return {vmlal_n_s16(vmlal_n_s16(sum.low, vget_low_s16(z.a), c[0]), vget_low_s16(z.b), c[1]),
            vmlal_high_n_s16(vmlal_high_n_s16(sum.high, z.a, c[0]), z.b, c[1])};
  }
  static Acc plus(const Acc& a, const Acc& b) { return {vaddq_s32(a.low, b.low), vaddq_s32(a.high, b.high)}; }
  static Acc minus(const Acc& a, const Acc& b) { return {vsubq_s32(a.low, b.low), vsubq_s32(a.high, b.high)}; }
  template <int kShift>
  static Row narrow(const Acc& a) {
    return vqshrn_high_n_s32(vqshrn_n_s32(a.low, kShift), a.high, kShift);
  }
  template <int kShift>
  static void store32(int32_t* p, const Acc& a) {
    vst1q_s32(p, vshrq_n_s32(a.low, kShift));
    vst1q_s32(p + 4, vshrq_n_s32(a.high, kShift));
  }
  static void transpose(Row* rows) {
    // 4x4 corners first: quads[half][i] holds columns i, i + 4 (val[0]) and i + 2, i + 6 (val[1]) of four
    // rows.
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
};

using WidestLanes = Lanes8;

inline void fill(int16_t* dst, int count, int16_t value) {
  const int16x8_t all = vdupq_n_s16(value);
  for (int i = 0; i < count; i += 8) vst1q_s16(dst + i, all);
}

}  // namespace
}  // namespace veneer::VENEER_TARGET
