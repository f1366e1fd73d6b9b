// Vectors of four int32 for SIMD128 of WebAssembly, and how they multiply, rescale and mix. Included once, by
// kernels_simd128.cpp.
//
// Relaxed instructions have no product of int16 that would be faster than i32x4.dot_i16x8_s.
#pragma once
#include <wasm_simd128.h>

#include "network/kernels.h"

namespace veneer::network::VENEER_TARGET {
namespace {

using Vector = v128_t;
constexpr int kLanes = 4;
constexpr int kMaxVectors = 4;
// Engines have 15 registers on x86: 8 accumulators, the inputs, one vector of weights and a product stay within them.
constexpr int block_pixels(int vectors) { return vectors == 1 ? 8 : vectors == 2 ? 4 : 2; }

inline Vector load(const int32_t* p) { return wasm_v128_load(p); }
inline Vector widen(const int16_t* p) { return wasm_i32x4_load16x4(p); }
// The values fit int16 already.
inline void narrow(int16_t* p, Vector v) { wasm_v128_store64_lane(p, wasm_i16x8_narrow_i32x4(v, v), 0); }
inline Vector broadcast(int32_t value) { return wasm_i32x4_splat(value); }
inline Vector clamp(Vector v, Vector low, Vector high) { return wasm_i32x4_min(wasm_i32x4_max(v, low), high); }
// acc + a.low * b.low + a.high * b.high, halves of int16.
inline Vector dot(Vector acc, Vector a, Vector b) { return wasm_i32x4_add(acc, wasm_i32x4_dot_i16x8(a, b)); }

// Input channels of one step, and the order of their weights: [output channel][kGroup].
constexpr int kGroup = 2, kRun = 1;

// acc[pixel][vector] += the products of one group of input channels; `in` is the group of the first pixel.
template <int kVectors, int kPixels>
inline void multiply_group(Vector (&acc)[kPixels][kVectors], const int16_t* in, ptrdiff_t stride,
                           const int16_t* weights) {
  // Whichever there are fewer of, weights or inputs, stay in registers.
  if constexpr (kPixels > kVectors) {
    Vector w[kVectors];
#pragma GCC unroll 4
    for (int v = 0; v < kVectors; ++v) w[v] = wasm_v128_load(weights + v * kLanes * kGroup);
#pragma GCC unroll 8
    for (int p = 0; p < kPixels; ++p) {
      const Vector x = wasm_v128_load32_splat(in + p * stride);
#pragma GCC unroll 4
      for (int v = 0; v < kVectors; ++v) acc[p][v] = dot(acc[p][v], x, w[v]);
    }
  } else {
    Vector x[kPixels];
#pragma GCC unroll 8
    for (int p = 0; p < kPixels; ++p) x[p] = wasm_v128_load32_splat(in + p * stride);
#pragma GCC unroll 4
    for (int v = 0; v < kVectors; ++v) {
      const Vector w = wasm_v128_load(weights + v * kLanes * kGroup);
#pragma GCC unroll 8
      for (int p = 0; p < kPixels; ++p) acc[p][v] = dot(acc[p][v], x[p], w);
    }
  }
}

// The multiplication that convolutions are made of, and how many products one of them adds up.
constexpr int kMultiplications = kLanes * kGroup;
inline Vector multiply_full(Vector acc, Vector x, Vector weights) { return dot(acc, x, weights); }
// Makes the compiler believe that `v` is used and changed here.
inline void keep([[maybe_unused]] Vector& v) { __asm__ volatile("" : "+r"(v)); }

// Product of int16 values x in int32 lanes (sign in the high halves) and taps whose high halves are 0.
inline Vector multiply_tap(Vector acc, Vector x, Vector tap) { return dot(acc, x, tap); }

// (acc * multiplier + 2^(shift-1)) >> shift in 64 bits. Shifts have one count for all lanes: with multipliers of
// 2^(31 - shift) as much, that is 31, and what is left stands in the high halves after a shift by 1 to the left. A
// multiplier of 2^shift, which leaves acc as it is, would not fit then.
class Rescaler {
 public:
  Rescaler(const int32_t* multiplier, const int32_t* shift) {
    int32_t scaled[kLanes], whole[kLanes];
    for (int i = 0; i < kLanes; ++i) {
      whole[i] = multiplier[i] == 1 << shift[i] ? -1 : 0;
      scaled[i] = whole[i] ? 0 : multiplier[i] << (31 - shift[i]);
    }
    multiplier_ = load(scaled);
    whole_ = load(whole);
  }
  Vector operator()(Vector acc) const {
    const Vector half = wasm_i64x2_const_splat(int64_t{1} << 30);
    const Vector low = wasm_i64x2_shl(wasm_i64x2_add(wasm_i64x2_extmul_low_i32x4(acc, multiplier_), half), 1);
    const Vector high = wasm_i64x2_shl(wasm_i64x2_add(wasm_i64x2_extmul_high_i32x4(acc, multiplier_), half), 1);
    return wasm_i32x4_add(wasm_i32x4_shuffle(low, high, 1, 3, 5, 7), wasm_v128_and(acc, whole_));
  }

 private:
  Vector multiplier_, whole_;
};

// The formula of `Mix` on int16 values in int32 lanes.
class Mixer {
 public:
  explicit Mixer(const Mix& mix)
      : multipliers_(broadcast(static_cast<int32_t>(static_cast<uint32_t>(mix.multiplier_b) << 16 |
                                                    static_cast<uint16_t>(mix.multiplier_a)))),
        round_(broadcast(1 << mix.shift >> 1)),
        low_(broadcast(mix.low)),
        high_(broadcast(mix.high)),
        shift_(mix.shift) {}
  Vector operator()(Vector a, Vector b) const {
    // Low halves from a, high halves from the low ones of b.
    const Vector pair = wasm_v128_bitselect(wasm_i32x4_shl(b, 16), a, wasm_i32x4_const_splat(-65536));
    return clamp(wasm_i32x4_shr(dot(round_, pair, multipliers_), shift_), low_, high_);
  }

 private:
  Vector multipliers_, round_, low_, high_;
  int shift_;
};

// (a * b + 2^(shift-1)) >> shift, clamped.
class Multiplier {
 public:
  Multiplier(int shift, int low, int high)
      : round_(broadcast(1 << shift >> 1)), low_(broadcast(low)), high_(broadcast(high)), shift_(shift) {}
  Vector operator()(Vector a, Vector b) const {
    return clamp(wasm_i32x4_shr(wasm_i32x4_add(wasm_i32x4_mul(a, b), round_), shift_), low_, high_);
  }

 private:
  Vector round_, low_, high_;
  int shift_;
};

}  // namespace
}  // namespace veneer::network::VENEER_TARGET
