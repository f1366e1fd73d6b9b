// Vectors of int32 for AVX2 (8 lanes) and AVX-512 with VNNI (16), and how they multiply, rescale and mix.
//
// Included once by each x86 target, which defines VENEER_TARGET as its namespace.
#pragma once
#include <immintrin.h>

#include <cstring>

#include "common/unroll.h"
#include "network/kernels.h"

namespace veneer::network::VENEER_TARGET {
namespace {

inline int32_t load_pair(const int16_t* pair) {
  int32_t value;
  std::memcpy(&value, pair, sizeof value);
  return value;
}

#if defined(__AVX512BW__)

using Vector = __m512i;
constexpr int kLanes = 16;
// 16 accumulators hide the latency of the multiplication; more pixels or four vectors were no faster.
constexpr int kMaxVectors = 2;
constexpr int block_pixels(int) { return 8; }

inline Vector load(const int32_t* p) { return _mm512_loadu_si512(p); }
inline Vector load_weights(const int16_t* p) { return _mm512_loadu_si512(p); }
inline Vector widen(const int16_t* p) {
  return _mm512_cvtepi16_epi32(_mm256_loadu_si256(reinterpret_cast<const __m256i*>(p)));
}
// The values fit int16 already.
inline void narrow(int16_t* p, Vector v) {
  _mm256_storeu_si256(reinterpret_cast<__m256i*>(p), _mm512_cvtepi32_epi16(v));
}
inline Vector broadcast(int32_t value) { return _mm512_set1_epi32(value); }
inline Vector clamp(Vector v, Vector low, Vector high) { return _mm512_min_epi32(_mm512_max_epi32(v, low), high); }
inline Vector add(Vector a, Vector b) { return _mm512_add_epi32(a, b); }
inline Vector subtract(Vector a, Vector b) { return _mm512_sub_epi32(a, b); }
inline Vector multiply(Vector a, Vector b) { return _mm512_mullo_epi32(a, b); }
inline Vector shift_right(Vector v, __m128i count) { return _mm512_sra_epi32(v, count); }
// acc + a.low * b.low + a.high * b.high, halves of int16.
inline Vector dot(Vector acc, Vector a, Vector b) { return _mm512_dpwssd_epi32(acc, a, b); }
// Low halves from a, high halves from the low ones of b.
inline Vector pair(Vector a, Vector b) { return _mm512_mask_mov_epi16(a, 0xaaaaaaaau, _mm512_slli_epi32(b, 16)); }
inline Vector even_lanes(Vector v) { return _mm512_maskz_mov_epi32(0x5555, v); }
inline Vector odd_lanes(Vector v) { return _mm512_srli_epi64(v, 32); }
inline Vector add_64(Vector a, Vector b) { return _mm512_add_epi64(a, b); }
inline Vector multiply_64(Vector a, Vector b) { return _mm512_mul_epi32(a, b); }
inline Vector shift_left_64(Vector v, Vector count) { return _mm512_sllv_epi64(v, count); }
inline Vector shift_right_64(Vector v, Vector count) { return _mm512_srlv_epi64(v, count); }
inline Vector broadcast_64(int64_t value) { return _mm512_set1_epi64(value); }
inline Vector interleave(Vector even, Vector odd) { return _mm512_mask_mov_epi32(even, 0xaaaa, odd); }

#else

using Vector = __m256i;
constexpr int kLanes = 8;
// 12 accumulators, two weights, one input and one product fill the 16 registers.
constexpr int kMaxVectors = 2;
constexpr int block_pixels(int vectors) { return vectors == 2 ? 6 : 10; }

inline Vector load(const int32_t* p) { return _mm256_loadu_si256(reinterpret_cast<const __m256i*>(p)); }
inline Vector load_weights(const int16_t* p) { return _mm256_loadu_si256(reinterpret_cast<const __m256i*>(p)); }
inline Vector widen(const int16_t* p) {
  return _mm256_cvtepi16_epi32(_mm_loadu_si128(reinterpret_cast<const __m128i*>(p)));
}
// The values fit int16 already.
inline void narrow(int16_t* p, Vector v) {
  const __m128i packed = _mm_packs_epi32(_mm256_castsi256_si128(v), _mm256_extracti128_si256(v, 1));
  _mm_storeu_si128(reinterpret_cast<__m128i*>(p), packed);
}
inline Vector broadcast(int32_t value) { return _mm256_set1_epi32(value); }
inline Vector clamp(Vector v, Vector low, Vector high) { return _mm256_min_epi32(_mm256_max_epi32(v, low), high); }
inline Vector add(Vector a, Vector b) { return _mm256_add_epi32(a, b); }
inline Vector subtract(Vector a, Vector b) { return _mm256_sub_epi32(a, b); }
inline Vector multiply(Vector a, Vector b) { return _mm256_mullo_epi32(a, b); }
inline Vector shift_right(Vector v, __m128i count) { return _mm256_sra_epi32(v, count); }
// acc + a.low * b.low + a.high * b.high, halves of int16.
inline Vector dot(Vector acc, Vector a, Vector b) { return _mm256_add_epi32(acc, _mm256_madd_epi16(a, b)); }
// Low halves from a, high halves from the low ones of b.
inline Vector pair(Vector a, Vector b) { return _mm256_blend_epi16(a, _mm256_slli_epi32(b, 16), 0xaa); }
inline Vector even_lanes(Vector v) { return _mm256_blend_epi32(v, _mm256_setzero_si256(), 0xaa); }
inline Vector odd_lanes(Vector v) { return _mm256_srli_epi64(v, 32); }
inline Vector add_64(Vector a, Vector b) { return _mm256_add_epi64(a, b); }
inline Vector multiply_64(Vector a, Vector b) { return _mm256_mul_epi32(a, b); }
inline Vector shift_left_64(Vector v, Vector count) { return _mm256_sllv_epi64(v, count); }
inline Vector shift_right_64(Vector v, Vector count) { return _mm256_srlv_epi64(v, count); }
inline Vector broadcast_64(int64_t value) { return _mm256_set1_epi64x(value); }
inline Vector interleave(Vector even, Vector odd) { return _mm256_blend_epi32(even, odd, 0xaa); }

#endif

// Input channels of one step, and the order of their weights: [output channel][kGroup].
constexpr int kGroup = 2, kRun = 1;

// acc[pixel][vector] += the products of one group of input channels; `in` is the group of the first pixel.
template <int kVectors, int kPixels>
inline void multiply_group(Vector (&acc)[kPixels][kVectors], const int16_t* in, ptrdiff_t stride,
                           const int16_t* weights) {
  Vector w[kVectors];
  VENEER_UNROLL(4)
  for (int v = 0; v < kVectors; ++v) w[v] = load_weights(weights + v * kLanes * kGroup);
  VENEER_UNROLL(16)
  for (int p = 0; p < kPixels; ++p) {
    const Vector x = broadcast(load_pair(in + p * stride));
    VENEER_UNROLL(4)
    for (int v = 0; v < kVectors; ++v) acc[p][v] = dot(acc[p][v], x, w[v]);
  }
}

// The multiplication that convolutions are made of, and how many products one of them adds up.
constexpr int kMultiplications = kLanes * kGroup;
inline Vector multiply_full(Vector acc, Vector x, Vector weights) { return dot(acc, x, weights); }
// Makes the compiler believe that `v` is used and changed here.
inline void keep([[maybe_unused]] Vector& v) {
#if defined(__GNUC__)
  __asm__ volatile("" : "+v"(v));
#endif
}

// Product of int16 values x in int32 lanes (sign in the high halves) and taps whose high halves are 0.
inline Vector multiply_tap(Vector acc, Vector x, Vector tap) { return dot(acc, x, tap); }

// (acc * multiplier + 2^(shift-1)) >> shift in 64 bits. The result fits 32 bits since multiplier <= 2^shift, so
// that logical shifts do: even lanes move it down to the low halves, odd lanes up or down to the high ones.
class Rescaler {
 public:
  Rescaler(const int32_t* multiplier, const int32_t* shift) {
    const Vector m = load(multiplier), s = load(shift), half = broadcast_64(1);
    multiplier_even_ = m;
    multiplier_odd_ = odd_lanes(m);
    right_even_ = even_lanes(s);
    const Vector right_odd = odd_lanes(s);
    round_even_ = shift_right_64(shift_left_64(half, right_even_), half);
    round_odd_ = shift_right_64(shift_left_64(half, right_odd), half);
    left_odd_ = odd_lanes(subtract(broadcast(32), s));
  }
  Vector operator()(Vector acc) const {
    const Vector even = add_64(multiply_64(acc, multiplier_even_), round_even_);
    const Vector odd = add_64(multiply_64(odd_lanes(acc), multiplier_odd_), round_odd_);
    return interleave(shift_right_64(even, right_even_), shift_left_64(odd, left_odd_));
  }

 private:
  Vector multiplier_even_, multiplier_odd_, round_even_, round_odd_, right_even_, left_odd_;
};

// The formula of `Mix` on int16 values in int32 lanes.
class Mixer {
 public:
  explicit Mixer(const Mix& mix)
      : multipliers_(broadcast(static_cast<int32_t>(static_cast<uint32_t>(mix.multiplier_b) << 16 |
                                                    static_cast<uint16_t>(mix.multiplier_a)))),
        round_(broadcast(mix.shift ? 1 << (mix.shift - 1) : 0)),
        low_(broadcast(mix.low)),
        high_(broadcast(mix.high)),
        shift_(_mm_cvtsi32_si128(mix.shift)) {}
  Vector operator()(Vector a, Vector b) const {
    return clamp(shift_right(dot(round_, pair(a, b), multipliers_), shift_), low_, high_);
  }

 private:
  Vector multipliers_, round_, low_, high_;
  __m128i shift_;
};

// (a * b + 2^(shift-1)) >> shift, clamped.
class Multiplier {
 public:
  Multiplier(int shift, int low, int high)
      : round_(broadcast(shift ? 1 << (shift - 1) : 0)),
        low_(broadcast(low)),
        high_(broadcast(high)),
        shift_(_mm_cvtsi32_si128(shift)) {}
  Vector operator()(Vector a, Vector b) const {
    return clamp(shift_right(add(multiply(a, b), round_), shift_), low_, high_);
  }

 private:
  Vector round_, low_, high_;
  __m128i shift_;
};

}  // namespace
}  // namespace veneer::network::VENEER_TARGET
