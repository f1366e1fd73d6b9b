// Operations on the eight predictors of the fast form, for AVX2; fast_lanes_plain.h says what they are.
#pragma once
#include <immintrin.h>

#include <cstdint>

#include "base/modular/fast_form.h"
#include "common/inline.h"

namespace veneer::modular::fast::VENEER_TARGET {
namespace {

// The mean of the predictions at a sample, in 1/16 of a level, and the least of their sums of errors nearby.
struct Blend {
  int32_t value, least;
};
using Sums = __m256i;
using Errors = __m128i;

VENEER_INLINE Sums no_sums() { return _mm256_setzero_si256(); }
VENEER_INLINE Sums add_pair(Sums sums, const int16_t* weight, uint32_t pair) {
  const __m256i w = _mm256_loadu_si256(reinterpret_cast<const __m256i*>(weight));
  return _mm256_add_epi32(sums, _mm256_madd_epi16(w, _mm256_set1_epi32(static_cast<int>(pair))));
}
VENEER_INLINE Sums predictions(Sums sums, int middle, int most) {
  const __m256i p =
      _mm256_add_epi32(_mm256_srai_epi32(_mm256_add_epi32(sums, _mm256_set1_epi32(8)), 4), _mm256_set1_epi32(middle));
  return _mm256_min_epi32(_mm256_max_epi32(p, _mm256_setzero_si256()), _mm256_set1_epi32(most));
}
VENEER_INLINE Errors load_errors(const uint16_t* e) { return _mm_loadu_si128(reinterpret_cast<const __m128i*>(e)); }
VENEER_INLINE void store_errors(uint16_t* e, Errors v) { _mm_storeu_si128(reinterpret_cast<__m128i*>(e), v); }
VENEER_INLINE Errors no_errors() { return _mm_setzero_si128(); }
VENEER_INLINE Errors add_errors(Errors a, Errors b) { return _mm_add_epi16(a, b); }
VENEER_INLINE Errors errors_of(Sums predictions, int value, int unit) {
  const __m256i e = _mm256_abs_epi32(_mm256_sub_epi32(predictions, _mm256_set1_epi32(value)));
  const __m256i shifted = _mm256_min_epi32(_mm256_srl_epi32(e, _mm_cvtsi32_si128(unit)), _mm256_set1_epi32(kMostError));
  return _mm_packus_epi32(_mm256_castsi256_si128(shifted), _mm256_extracti128_si256(shifted, 1));
}
VENEER_INLINE int32_t sum_of_lanes(__m256i v) {
  const __m128i four = _mm_add_epi32(_mm256_castsi256_si128(v), _mm256_extracti128_si256(v, 1));
  const __m128i two = _mm_add_epi32(four, _mm_shuffle_epi32(four, 0x4e));
  return _mm_cvtsi128_si32(_mm_add_epi32(two, _mm_shuffle_epi32(two, 0xb1)));
}
VENEER_INLINE Blend blend(Sums predictions, Errors sum) {
  const __m128i floored = _mm_add_epi16(sum, _mm_set1_epi16(kErrorFloor));
  const auto least = static_cast<uint32_t>(_mm_cvtsi128_si32(_mm_minpos_epu16(floored)) & 0xffff);
  const __m128i ratio = _mm_mulhi_epu16(floored, _mm_set1_epi16(static_cast<int16_t>(kRatioOne / least)));
  const __m128i u = _mm_subs_epu16(_mm_set1_epi16(kRatioEnd), ratio), u2 = _mm_mullo_epi16(u, u);
  const __m128i g = _mm_srli_epi16(_mm_mulhi_epu16(u2, u2), 3);
  const auto total = static_cast<uint32_t>(
      _mm_cvtsi128_si32(_mm_sad_epu8(_mm_packus_epi16(g, _mm_setzero_si128()), _mm_setzero_si128())));
  const auto weighted = static_cast<uint32_t>(sum_of_lanes(_mm256_mullo_epi32(_mm256_cvtepu16_epi32(g), predictions)));
  return {static_cast<int32_t>((weighted + total / 2) / total), static_cast<int32_t>(least) - kErrorFloor};
}

VENEER_INLINE int four_above(const int16_t* samples, int value) {
  const __m128i above = _mm_cmpgt_epi16(_mm_loadl_epi64(reinterpret_cast<const __m128i*>(samples)),
                                        _mm_set1_epi16(static_cast<int16_t>(value)));
  return _mm_movemask_epi8(_mm_packs_epi16(above, _mm_setzero_si128())) & 15;
}

}  // namespace
}  // namespace veneer::modular::fast::VENEER_TARGET
