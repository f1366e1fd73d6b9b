// Block metrics of the encoder on AVX2 and AVX-512 (256-bit vectors in both).
//
// Place: included by enc_kernels_avx2.cpp and enc_kernels_avx512.cpp after dct_lanes_x86.h. Source: enc_kernels.h.
#pragma once
#include <immintrin.h>

#include <cstddef>
#include <cstdint>

#include "base/block_groups_x86_inl.h"
#include "common/unroll.h"

namespace veneer::VENEER_TARGET {
namespace {

// Pairs of constants (even lane, odd lane) for _mm256_madd_epi16.
inline __m256i pair_of(int16_t even, int16_t odd) {
  return _mm256_set1_epi32(static_cast<int32_t>(static_cast<uint16_t>(even) | static_cast<uint32_t>(odd) << 16));
}

inline int64_t sum64(__m256i v) {
  const __m128i half = _mm_add_epi64(_mm256_castsi256_si128(v), _mm256_extracti128_si256(v, 1));
  return _mm_cvtsi128_si64(_mm_add_epi64(half, _mm_unpackhi_epi64(half, half)));
}

// Sums of the 32-bit lanes, which are unsigned, as 64-bit lanes.
inline __m256i widen_sum(__m256i v) {
  return _mm256_add_epi64(_mm256_and_si256(v, _mm256_set1_epi64x(0xffffffff)), _mm256_srli_epi64(v, 32));
}

template <int kWidth>
inline int64_t sse_width(const int16_t* a, ptrdiff_t stride_a, const int16_t* b, ptrdiff_t stride_b, int w, int h) {
  constexpr int kRows = 16 / kWidth;
  __m256i sum = _mm256_setzero_si256();
  // Two groups at a time: each lane holds at most 2 (2^15 - 1)^2, so the sum of two is a 32-bit number.
  for (int y = 0; y < h; y += 2 * kRows) {
    for (int x = 0; x < w; x += kWidth) {
      const int16_t *pa = a + y * stride_a + x, *pb = b + y * stride_b + x;
      const __m256i first = _mm256_sub_epi16(load_group<kWidth>(pa, stride_a), load_group<kWidth>(pb, stride_b));
      __m256i squares = _mm256_madd_epi16(first, first);
      if (y + kRows < h) {
        const __m256i second = _mm256_sub_epi16(load_group<kWidth>(pa + kRows * stride_a, stride_a),
                                                load_group<kWidth>(pb + kRows * stride_b, stride_b));
        squares = _mm256_add_epi32(squares, _mm256_madd_epi16(second, second));
      }
      sum = _mm256_add_epi64(sum, widen_sum(squares));
    }
  }
  return sum64(sum);
}

inline int64_t sse(const int16_t* a, ptrdiff_t stride_a, const int16_t* b, ptrdiff_t stride_b, int w, int h) {
  if (w == 4) return sse_width<4>(a, stride_a, b, stride_b, w, h);
  if (w == 8) return sse_width<8>(a, stride_a, b, stride_b, w, h);
  return sse_width<16>(a, stride_a, b, stride_b, w, h);
}

// |x + y| + |x - y| = 2 max(|x|, |y|) makes the last butterflies unnecessary: what the functions below
// add up is half of the sum of absolute coefficients.

// Half sums of two 4x4 blocks of differences, one per 128-bit half (spread over its 32-bit lanes), given
// rows 0 and 1 in `top`, rows 2 and 3 in `bottom`. No value leaves int16: 16 * 2047 < 2^15.
inline __m256i half_satd4(__m256i top, __m256i bottom) {
  const __m256i sums = _mm256_add_epi16(top, bottom), differences = _mm256_sub_epi16(top, bottom);
  const __m256i even = _mm256_unpacklo_epi64(sums, differences), odd = _mm256_unpackhi_epi64(sums, differences);
  const __m256i rows[2] = {_mm256_add_epi16(even, odd), _mm256_sub_epi16(even, odd)};
  const __m256i signs_of[2] = {pair_of(1, 1), pair_of(1, -1)};
  __m256i total = _mm256_setzero_si256();
  for (const __m256i& signs : signs_of) {
    const __m256i absolute =
        _mm256_abs_epi16(_mm256_packs_epi32(_mm256_madd_epi16(rows[0], signs), _mm256_madd_epi16(rows[1], signs)));
    const __m256i larger = _mm256_max_epi16(absolute, _mm256_srli_epi32(absolute, 16));
    total = _mm256_add_epi32(total, _mm256_madd_epi16(larger, pair_of(1, 0)));
  }
  return total;
}

inline int64_t satd4(const int16_t* a, ptrdiff_t stride_a, const int16_t* b, ptrdiff_t stride_b, int w, int h) {
  const ptrdiff_t next_a = w > 4 ? 4 : 4 * stride_a, next_b = w > 4 ? 4 : 4 * stride_b;
  const int count = w * h / 16;
  __m256i total = _mm256_setzero_si256();
  for (int i = 0; i < count; i += 2, a += 2 * next_a, b += 2 * next_b) {
    __m256i half[2];
    for (int k = 0; k < 2; ++k) {
      const int16_t *pa = a + 2 * k * stride_a, *pb = b + 2 * k * stride_b;
      const __m128i first = _mm_sub_epi16(load4x2(pa, stride_a), load4x2(pb, stride_b));
      __m128i second = _mm_setzero_si128();
      if (count > 1) {
        second = _mm_sub_epi16(load4x2(pa + next_a, stride_a), load4x2(pb + next_b, stride_b));
      }
      half[k] = join(first, second);
    }
    total = _mm256_add_epi32(total, half_satd4(half[0], half[1]));
  }
  return sum64(widen_sum(total));
}

inline void butterfly(__m256i& a, __m256i& b) {
  const __m256i sum = _mm256_add_epi16(a, b);
  b = _mm256_sub_epi16(a, b);
  a = sum;
}

// Half sum of one 8x8 block of differences, spread over the 32-bit lanes. Four butterflies fit int16
// (16 * 2047), the fifth one is a multiply-add to 32 bits.
inline __m256i half_satd8(const int16_t* a, ptrdiff_t stride_a, const int16_t* b, ptrdiff_t stride_b) {
  // Every row in both halves; the first butterfly puts sums into the low one, differences into the high one.
  const auto difference = [=](int y) {
    return _mm256_sub_epi16(_mm256_broadcastsi128_si256(load8(a + y * stride_a)),
                            _mm256_broadcastsi128_si256(load8(b + y * stride_b)));
  };
  const __m256i half_signs = join(_mm_set1_epi16(1), _mm_set1_epi16(-1));
  __m256i d[4];
  VENEER_UNROLL(4)
  for (int i = 0; i < 4; ++i) {
    d[i] = _mm256_add_epi16(difference(i), _mm256_sign_epi16(difference(i + 4), half_signs));
  }
  butterfly(d[0], d[2]);
  butterfly(d[1], d[3]);
  butterfly(d[0], d[1]);
  butterfly(d[2], d[3]);

  const __m256i signs_of[2] = {pair_of(1, 1), pair_of(1, -1)};
  __m256i total = _mm256_setzero_si256();
  for (int i = 0; i < 4; i += 2) {
    __m256i low = _mm256_unpacklo_epi64(d[i], d[i + 1]), high = _mm256_unpackhi_epi64(d[i], d[i + 1]);
    butterfly(low, high);
    for (const __m256i& signs : signs_of) {
      const __m256 x = _mm256_castsi256_ps(_mm256_abs_epi32(_mm256_madd_epi16(low, signs)));
      const __m256 y = _mm256_castsi256_ps(_mm256_abs_epi32(_mm256_madd_epi16(high, signs)));
      total = _mm256_add_epi32(total, _mm256_max_epi32(_mm256_castps_si256(_mm256_shuffle_ps(x, y, 0x88)),
                                                       _mm256_castps_si256(_mm256_shuffle_ps(x, y, 0xdd))));
    }
  }
  return total;
}

inline int64_t satd8(const int16_t* a, ptrdiff_t stride_a, const int16_t* b, ptrdiff_t stride_b, int w, int h) {
  __m128i total = _mm_setzero_si128();
  for (int y = 0; y < h; y += 8) {
    for (int x = 0; x < w; x += 8) {
      const __m256i lanes = half_satd8(a + y * stride_a + x, stride_a, b + y * stride_b + x, stride_b);
      __m128i sum = _mm_add_epi32(_mm256_castsi256_si128(lanes), _mm256_extracti128_si256(lanes, 1));
      sum = _mm_add_epi32(sum, _mm_shuffle_epi32(sum, 0x4e));
      sum = _mm_add_epi32(sum, _mm_shuffle_epi32(sum, 0xb1));
      // (2 sum + 2) >> 2 of each block.
      total = _mm_add_epi32(total, _mm_srli_epi32(_mm_add_epi32(sum, _mm_set1_epi32(1)), 1));
    }
  }
  return _mm_cvtsi128_si32(total);
}

inline int64_t satd(const int16_t* a, ptrdiff_t stride_a, const int16_t* b, ptrdiff_t stride_b, int w, int h) {
  return w == 4 || h == 4 ? satd4(a, stride_a, b, stride_b, w, h) : satd8(a, stride_a, b, stride_b, w, h);
}

}  // namespace
}  // namespace veneer::VENEER_TARGET
