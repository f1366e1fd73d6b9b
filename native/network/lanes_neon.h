// Vectors of four int32 for NEON, and how they multiply, rescale and mix. Included once, by kernels_neon.cpp.
#pragma once
#include <arm_neon.h>

#include "common/unroll.h"
#include "network/kernels.h"

namespace veneer::network::VENEER_TARGET {
namespace {

using Vector = int32x4_t;
constexpr int kLanes = 4;
constexpr int kMaxVectors = 4;
// 20 accumulators, two registers of weights and five of inputs stay within the 32.
constexpr int block_pixels(int vectors) { return vectors == 4 ? 5 : 6; }

inline Vector load(const int32_t* p) { return vld1q_s32(p); }
inline Vector widen(const int16_t* p) { return vmovl_s16(vld1_s16(p)); }
// The values fit int16 already.
inline void narrow(int16_t* p, Vector v) { vst1_s16(p, vmovn_s32(v)); }
inline Vector broadcast(int32_t value) { return vdupq_n_s32(value); }
inline Vector clamp(Vector v, Vector low, Vector high) { return vminq_s32(vmaxq_s32(v, low), high); }

// Input channels of one step, and the order of their weights within a vector: [kGroup][output channel].
constexpr int kGroup = 4, kRun = kLanes;

// acc[pixel][vector] += the products of one group of input channels; `in` is the group of the first pixel.
template <int kVectors, int kPixels>
inline void multiply_group(Vector (&acc)[kPixels][kVectors], const int16_t* in, ptrdiff_t stride,
                           const int16_t* weights) {
  int16x4_t x[kPixels];
  VENEER_UNROLL(8)
  for (int p = 0; p < kPixels; ++p) x[p] = vld1_s16(in + p * stride);
  VENEER_UNROLL(4)
  for (int v = 0; v < kVectors; ++v) {
    const int16_t* w = weights + v * kLanes * kGroup;
    const int16x4_t w0 = vld1_s16(w), w1 = vld1_s16(w + 4), w2 = vld1_s16(w + 8), w3 = vld1_s16(w + 12);
    VENEER_UNROLL(8)
    for (int p = 0; p < kPixels; ++p) {
      Vector sum = vmlal_lane_s16(acc[p][v], w0, x[p], 0);
      sum = vmlal_lane_s16(sum, w1, x[p], 1);
      sum = vmlal_lane_s16(sum, w2, x[p], 2);
      acc[p][v] = vmlal_lane_s16(sum, w3, x[p], 3);
    }
  }
}

// The multiplication that convolutions are made of, and how many products one of them adds up.
constexpr int kMultiplications = kLanes;
inline Vector multiply_full(Vector acc, Vector x, Vector weights) {
  return vmlal_s16(acc, vget_low_s16(vreinterpretq_s16_s32(x)), vget_low_s16(vreinterpretq_s16_s32(weights)));
}
// Makes the compiler believe that `v` is used and changed here.
inline void keep([[maybe_unused]] Vector& v) {
#if defined(__GNUC__)
  __asm__ volatile("" : "+w"(v));
#endif
}

// Product of int16 values x in int32 lanes and taps whose low halves are the signed weights.
inline Vector multiply_tap(Vector acc, Vector x, Vector tap) { return vmlal_s16(acc, vmovn_s32(x), vmovn_s32(tap)); }

// (acc * multiplier + 2^(shift-1)) >> shift in 64 bits: a rounding shift by a negative count.
class Rescaler {
 public:
  Rescaler(const int32_t* multiplier, const int32_t* shift)
      : multiplier_(load(multiplier)),
        count_low_(vnegq_s64(vmovl_s32(vld1_s32(shift)))),
        count_high_(vnegq_s64(vmovl_s32(vld1_s32(shift + 2)))) {}
  Vector operator()(Vector acc) const {
    const int64x2_t low = vrshlq_s64(vmull_s32(vget_low_s32(acc), vget_low_s32(multiplier_)), count_low_);
    const int64x2_t high = vrshlq_s64(vmull_high_s32(acc, multiplier_), count_high_);
    return vcombine_s32(vmovn_s64(low), vmovn_s64(high));
  }

 private:
  Vector multiplier_;
  int64x2_t count_low_, count_high_;
};

// The formula of `Mix` on int16 values in int32 lanes. A rounding shift by nothing adds nothing.
class Mixer {
 public:
  explicit Mixer(const Mix& mix)
      : a_(broadcast(mix.multiplier_a)),
        b_(broadcast(mix.multiplier_b)),
        low_(broadcast(mix.low)),
        high_(broadcast(mix.high)),
        count_(broadcast(-mix.shift)) {}
  Vector operator()(Vector a, Vector b) const {
    return clamp(vrshlq_s32(vmlaq_s32(vmulq_s32(a, a_), b, b_), count_), low_, high_);
  }

 private:
  Vector a_, b_, low_, high_, count_;
};

// (a * b + 2^(shift-1)) >> shift, clamped.
class Multiplier {
 public:
  Multiplier(int shift, int low, int high) : low_(broadcast(low)), high_(broadcast(high)), count_(broadcast(-shift)) {}
  Vector operator()(Vector a, Vector b) const { return clamp(vrshlq_s32(vmulq_s32(a, b), count_), low_, high_); }

 private:
  Vector low_, high_, count_;
};

}  // namespace
}  // namespace veneer::network::VENEER_TARGET
