// Vector operations of the prediction kernels on AVX2 and AVX-512 (256-bit vectors in both).
//
// Place: included by prediction_avx2.cpp and prediction_avx512.cpp before prediction_inl.h, which documents them.
#pragma once
#include <immintrin.h>

#include <cstddef>
#include <cstdint>
#include <cstring>

#include "common/unroll.h"

namespace veneer::VENEER_TARGET {
namespace {

using V = __m256i;
using Half = __m128i;
struct Pairs {
  V low, high;
};
using Wide = Pairs;

inline V load(const int16_t* p) { return _mm256_loadu_si256(reinterpret_cast<const __m256i*>(p)); }
inline void store(int16_t* p, V v) { _mm256_storeu_si256(reinterpret_cast<__m256i*>(p), v); }
inline Half load8(const int16_t* p) { return _mm_loadu_si128(reinterpret_cast<const __m128i*>(p)); }
inline Half load4(const int16_t* p) { return _mm_loadl_epi64(reinterpret_cast<const __m128i*>(p)); }
inline void store8(int16_t* p, Half v) { _mm_storeu_si128(reinterpret_cast<__m128i*>(p), v); }
inline void store4(int16_t* p, Half v) { _mm_storel_epi64(reinterpret_cast<__m128i*>(p), v); }
inline V join(Half low, Half high) { return _mm256_inserti128_si256(_mm256_castsi128_si256(low), high, 1); }
inline Half low_half(V v) { return _mm256_castsi256_si128(v); }
inline Half high_half(V v) { return _mm256_extracti128_si256(v, 1); }

inline V constant(int value) { return _mm256_set1_epi16(static_cast<int16_t>(value)); }
inline V add(V a, V b) { return _mm256_add_epi16(a, b); }
inline V add_saturated(V a, V b) { return _mm256_adds_epi16(a, b); }
inline V sub(V a, V b) { return _mm256_sub_epi16(a, b); }
inline V absolute(V a) { return _mm256_abs_epi16(a); }
inline V smaller(V a, V b) { return _mm256_min_epi16(a, b); }
inline V larger(V a, V b) { return _mm256_max_epi16(a, b); }
inline V choose_greater(V a, V b, V then, V otherwise) {
#if defined(__AVX512VL__)
  return _mm256_mask_blend_epi16(_mm256_cmpgt_epi16_mask(a, b), otherwise, then);
#else
  return _mm256_blendv_epi8(otherwise, then, _mm256_cmpgt_epi16(a, b));
#endif
}
inline V shift_left(V a, int bits) { return _mm256_sll_epi16(a, _mm_cvtsi32_si128(bits)); }
inline V shift_right(V a, int bits) { return _mm256_srl_epi16(a, _mm_cvtsi32_si128(bits)); }  // no sign
inline V widen(const uint8_t* p) { return _mm256_cvtepu8_epi16(_mm_loadu_si128(reinterpret_cast<const __m128i*>(p))); }
inline V before(V rows) {
  return _mm256_shuffle_epi8(
      rows, _mm256_broadcastsi128_si256(_mm_setr_epi8(0, 1, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13)));
}
inline V after(V rows) {
  return _mm256_shuffle_epi8(
      rows, _mm256_broadcastsi128_si256(_mm_setr_epi8(2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 14, 15)));
}
inline V round_multiply(V a, V b) { return _mm256_mulhrs_epi16(a, b); }

template <int kWidth>
inline V load_group(const int16_t* p, ptrdiff_t stride) {
  if constexpr (kWidth == 4) {
    return join(_mm_unpacklo_epi64(load4(p), load4(p + stride)),
                _mm_unpacklo_epi64(load4(p + 2 * stride), load4(p + 3 * stride)));
  } else if constexpr (kWidth == 8) {
    return join(load8(p), load8(p + stride));
  } else {
    return load(p);
  }
}

template <int kWidth>
inline void store_group(int16_t* p, ptrdiff_t stride, V v) {
  if (kWidth == 16 || stride == kWidth) return store(p, v);
  const Half low = low_half(v), high = high_half(v);
  if constexpr (kWidth == 4) {
    store4(p, low);
    store4(p + stride, _mm_unpackhi_epi64(low, low));
    store4(p + 2 * stride, high);
    store4(p + 3 * stride, _mm_unpackhi_epi64(high, high));
  } else {
    store8(p, low);
    store8(p + stride, high);
  }
}

template <int kWidth>
inline V row_group(const int16_t* row) {
  if constexpr (kWidth == 4) {
    return _mm256_broadcastq_epi64(load4(row));
  } else if constexpr (kWidth == 8) {
    return _mm256_broadcastsi128_si256(load8(row));
  } else {
    return load(row);
  }
}

template <int kWidth>
inline V column_group(const int16_t* column) {
  if constexpr (kWidth == 4) {
    const V order = _mm256_setr_epi8(0, 1, 0, 1, 0, 1, 0, 1, 2, 3, 2, 3, 2, 3, 2, 3, 4, 5, 4, 5, 4, 5, 4, 5, 6, 7, 6, 7,
                                     6, 7, 6, 7);
    return _mm256_shuffle_epi8(_mm256_broadcastq_epi64(load4(column)), order);
  } else if constexpr (kWidth == 8) {
    int32_t two;
    std::memcpy(&two, column, sizeof two);
    const V order = _mm256_setr_epi8(0, 1, 0, 1, 0, 1, 0, 1, 0, 1, 0, 1, 0, 1, 0, 1, 2, 3, 2, 3, 2, 3, 2, 3, 2, 3, 2, 3,
                                     2, 3, 2, 3);
    return _mm256_shuffle_epi8(_mm256_set1_epi32(two), order);
  } else {
    return _mm256_set1_epi16(*column);
  }
}

inline Pairs zip(V a, V b) { return {_mm256_unpacklo_epi16(a, b), _mm256_unpackhi_epi16(a, b)}; }
inline Wide wide(int value) { return {_mm256_set1_epi32(value), _mm256_set1_epi32(value)}; }
inline Wide plus(const Wide& a, const Wide& b) {
  return {_mm256_add_epi32(a.low, b.low), _mm256_add_epi32(a.high, b.high)};
}
inline V accumulate(V sum, V a, V b) {
#if defined(__AVX512VNNI__)
  return _mm256_dpwssd_epi32(sum, a, b);
#else
  return _mm256_add_epi32(sum, _mm256_madd_epi16(a, b));
#endif
}
inline Wide dot(const Wide& sum, const Pairs& a, const Pairs& b) {
  return {accumulate(sum.low, a.low, b.low), accumulate(sum.high, a.high, b.high)};
}
template <int kWidth>
inline Wide column_product(const Wide& sum, V column, const Pairs& weights) {
  if constexpr (kWidth == 4) {
    return {accumulate(sum.low, _mm256_unpacklo_epi16(column, column), weights.low),
            accumulate(sum.high, _mm256_unpackhi_epi16(column, column), weights.high)};
  } else {
    return {accumulate(sum.low, column, weights.low), accumulate(sum.high, column, weights.high)};
  }
}
inline V narrow(const Wide& a, int shift) {
  const __m128i count = _mm_cvtsi32_si128(shift);
  return _mm256_packs_epi32(_mm256_sra_epi32(a.low, count), _mm256_sra_epi32(a.high, count));
}

inline __m128i accumulate(__m128i sum, __m128i a, __m128i b) {
#if defined(__AVX512VNNI__)
  return _mm_dpwssd_epi32(sum, a, b);
#else
  return _mm_add_epi32(sum, _mm_madd_epi16(a, b));
#endif
}

inline int32_t two_taps(const int16_t* taps) {
  int32_t both;
  std::memcpy(&both, taps, sizeof both);
  return both;
}

inline V interpolate16(const int16_t* in, const int16_t* taps) {
  const V first = _mm256_set1_epi32(two_taps(taps)), second = _mm256_set1_epi32(two_taps(taps + 2));
  const Pairs a = zip(load(in), load(in + 1)), b = zip(load(in + 2), load(in + 3));
  const Wide sum = dot(dot(wide(32), a, {first, first}), b, {second, second});
  return _mm256_packs_epi32(_mm256_srai_epi32(sum.low, 6), _mm256_srai_epi32(sum.high, 6));
}

inline Half interpolate8(const int16_t* in, const int16_t* taps) {
  const V samples = join(load8(in), load8(in + 4));
  const V first = _mm256_shuffle_epi8(
      samples, _mm256_broadcastsi128_si256(_mm_setr_epi8(0, 1, 2, 3, 2, 3, 4, 5, 4, 5, 6, 7, 6, 7, 8, 9)));
  const V second = _mm256_shuffle_epi8(
      samples, _mm256_broadcastsi128_si256(_mm_setr_epi8(4, 5, 6, 7, 6, 7, 8, 9, 8, 9, 10, 11, 10, 11, 12, 13)));
  V sum = accumulate(_mm256_set1_epi32(32), first, _mm256_set1_epi32(two_taps(taps)));
  sum = _mm256_srai_epi32(accumulate(sum, second, _mm256_set1_epi32(two_taps(taps + 2))), 6);
  return _mm_packs_epi32(low_half(sum), high_half(sum));
}

inline Half interpolate4(const int16_t* in, const int16_t* taps) {
  const __m128i samples = load8(in);
  const __m128i first = _mm_shuffle_epi8(samples, _mm_setr_epi8(0, 1, 2, 3, 2, 3, 4, 5, 4, 5, 6, 7, 6, 7, 8, 9));
  const __m128i second = _mm_shuffle_epi8(samples, _mm_setr_epi8(4, 5, 6, 7, 6, 7, 8, 9, 8, 9, 10, 11, 10, 11, 12, 13));
  __m128i sum = accumulate(_mm_set1_epi32(32), first, _mm_set1_epi32(two_taps(taps)));
  sum = _mm_srai_epi32(accumulate(sum, second, _mm_set1_epi32(two_taps(taps + 2))), 6);
  return _mm_packs_epi32(sum, sum);
}

// Row i of the result is column i of the low halves, then that of the high halves.
inline void transpose8(V* rows) {
  V a[8], b[8];
  VENEER_UNROLL(4)
  for (int i = 0; i < 4; ++i) {
    a[2 * i] = _mm256_unpacklo_epi16(rows[2 * i], rows[2 * i + 1]);
    a[2 * i + 1] = _mm256_unpackhi_epi16(rows[2 * i], rows[2 * i + 1]);
  }
  VENEER_UNROLL(2)
  for (int i = 0; i < 2; ++i) {
    b[4 * i] = _mm256_unpacklo_epi32(a[4 * i], a[4 * i + 2]);
    b[4 * i + 1] = _mm256_unpackhi_epi32(a[4 * i], a[4 * i + 2]);
    b[4 * i + 2] = _mm256_unpacklo_epi32(a[4 * i + 1], a[4 * i + 3]);
    b[4 * i + 3] = _mm256_unpackhi_epi32(a[4 * i + 1], a[4 * i + 3]);
  }
  VENEER_UNROLL(4)
  for (int i = 0; i < 4; ++i) {
    rows[2 * i] = _mm256_unpacklo_epi64(b[i], b[4 + i]);
    rows[2 * i + 1] = _mm256_unpackhi_epi64(b[i], b[4 + i]);
  }
}

inline void transpose8(Half* rows) {
  V pairs[4];  // row i, row i + 4
  VENEER_UNROLL(4)
  for (int i = 0; i < 4; ++i) pairs[i] = join(rows[i], rows[i + 4]);
  const Pairs ab = zip(pairs[0], pairs[1]), cd = zip(pairs[2], pairs[3]);
  const V columns[4] = {_mm256_unpacklo_epi32(ab.low, cd.low), _mm256_unpackhi_epi32(ab.low, cd.low),
                        _mm256_unpacklo_epi32(ab.high, cd.high), _mm256_unpackhi_epi32(ab.high, cd.high)};
  VENEER_UNROLL(4)
  for (int i = 0; i < 4; ++i) {
    const V both = _mm256_permute4x64_epi64(columns[i], 0xd8);  // column 2 i, column 2 i + 1
    rows[2 * i] = low_half(both);
    rows[2 * i + 1] = high_half(both);
  }
}

inline void transpose4(Half* rows) {
  const Half ab = _mm_unpacklo_epi16(rows[0], rows[1]), cd = _mm_unpacklo_epi16(rows[2], rows[3]);
  rows[0] = _mm_unpacklo_epi32(ab, cd);
  rows[1] = _mm_unpackhi_epi64(rows[0], rows[0]);
  rows[2] = _mm_unpackhi_epi32(ab, cd);
  rows[3] = _mm_unpackhi_epi64(rows[2], rows[2]);
}
inline Half zero_half() { return _mm_setzero_si128(); }

using Total = __m256i;
inline Total no_total() { return _mm256_setzero_si256(); }
inline Total add_samples(Total sum, V v) { return accumulate(sum, v, _mm256_set1_epi16(1)); }
inline Total add_products(Total sum, V a, V b) { return accumulate(sum, a, b); }
inline int64_t long_total(Total v) {
  const __m256i sum = _mm256_add_epi64(_mm256_cvtepi32_epi64(low_half(v)), _mm256_cvtepi32_epi64(high_half(v)));
  const __m128i half = _mm_add_epi64(low_half(sum), high_half(sum));
  return _mm_cvtsi128_si64(_mm_add_epi64(half, _mm_unpackhi_epi64(half, half)));
}
inline int sum_total(Total v) {
  __m128i sum = _mm_add_epi32(low_half(v), high_half(v));
  sum = _mm_add_epi32(sum, _mm_shuffle_epi32(sum, 0x4e));
  return _mm_cvtsi128_si32(_mm_add_epi32(sum, _mm_shuffle_epi32(sum, 0xb1)));
}
inline V load_short(const int16_t* p, int n) {  // 4 or 8 samples, then zeros
  return _mm256_zextsi128_si256(n == 4 ? load4(p) : load8(p));
}

}  // namespace
}  // namespace veneer::VENEER_TARGET
