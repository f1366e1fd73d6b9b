// Distributions and mixing of the photo form for AVX2; photo_lanes_plain_inl.h says what its functions give.
//
// Place: included before photo_rows_inl.h; VENEER_TARGET names the namespace.
// Source: docs/format.md, "Photo form".
#pragma once
#include <immintrin.h>

#include "base/modular/photo_regressions_inl.h"

namespace veneer::modular::photo::VENEER_TARGET {
namespace {

using Eight = __m256i;

VENEER_INLINE Eight load_eight(const int32_t* from) { return _mm256_loadu_si256(reinterpret_cast<const Eight*>(from)); }
VENEER_INLINE void store_eight(int32_t* to, Eight values) { _mm256_storeu_si256(reinterpret_cast<Eight*>(to), values); }
VENEER_INLINE Eight widened(const uint16_t* from) {
  return _mm256_cvtepu16_epi32(_mm_loadu_si128(reinterpret_cast<const __m128i*>(from)));
}
VENEER_INLINE Eight clamped8(Eight values, Eight least, Eight most) {
  return _mm256_min_epi32(_mm256_max_epi32(values, least), most);
}
VENEER_INLINE Eight negated(Eight values) { return _mm256_sub_epi32(_mm256_setzero_si256(), values); }

VENEER_INLINE Eight activity_of(const uint16_t* errors, const uint16_t* up, const uint16_t* up2) {
  const Eight by_8 = _mm256_add_epi32(widened(errors - 8), widened(up));
  const Eight by_4 = _mm256_add_epi32(widened(up - 8), widened(up + 8));
  const Eight by_3 = _mm256_add_epi32(widened(errors - 16), widened(up2)), by_2 = widened(up + 16);
  const Eight even = _mm256_add_epi32(_mm256_slli_epi32(by_8, 3), _mm256_slli_epi32(by_4, 2));
  const Eight twice = _mm256_slli_epi32(_mm256_add_epi32(by_3, by_2), 1);
  return _mm256_add_epi32(even, _mm256_add_epi32(by_3, twice));
}

// The highest bits and the eight bits below them, of eight numbers below 2^24, or 2^24 itself: the exponents of floats are
// exact.
VENEER_INLINE void split8(Eight x, Eight* highest, Eight* mantissa) {
  const Eight bits = _mm256_castps_si256(_mm256_cvtepi32_ps(x));
  *highest = _mm256_sub_epi32(_mm256_srli_epi32(bits, 23), _mm256_set1_epi32(127));
  *mantissa = _mm256_and_si256(_mm256_srli_epi32(bits, 15), _mm256_set1_epi32(255));
}

struct Distributions {
  Eight centre, inverse, limit;
};

VENEER_INLINE Distributions distributions_of(const int32_t* c, Eight errors, int32_t error_6, int32_t error_7) {
  const Eight last = _mm256_setr_epi32(0, 0, 0, 0, 0, 0, error_6, error_7);
  const Eight error = _mm256_blend_epi32(errors, last, 0xc0);
  const Eight five = _mm256_add_epi32(_mm256_slli_epi32(error, 2), error);
  const Eight scale =
      _mm256_max_epi32(_mm256_add_epi32(_mm256_srai_epi32(five, 3), _mm256_set1_epi32(31)), _mm256_set1_epi32(51));
  Eight highest, mantissa;
  split8(scale, &highest, &mantissa);
  const Eight multiplier = _mm256_i32gather_epi32(kInverses.of, mantissa, 4), middle = _mm256_set1_epi32(15);
  // By counts below 0 both shifts give 0.
  const Eight inverse = _mm256_or_si256(_mm256_sllv_epi32(multiplier, _mm256_sub_epi32(middle, highest)),
                                        _mm256_srlv_epi32(multiplier, _mm256_sub_epi32(highest, middle)));
  return {_mm256_setr_epi32(c[0], c[1], c[2], c[3], c[4], c[5], c[6], c[7]), inverse, _mm256_slli_epi32(scale, 1)};
}

VENEER_INLINE Eight logits_at(const Distributions& d, Eight distance, int32_t most) {
  const Eight bounded = clamped8(distance, negated(d.limit), d.limit);
  return clamped8(_mm256_srai_epi32(_mm256_mullo_epi32(bounded, d.inverse), 16), _mm256_set1_epi32(-most),
                  _mm256_set1_epi32(most));
}

VENEER_INLINE Eight above(const Distributions& d, int32_t place) {
  return logits_at(d, _mm256_sub_epi32(d.centre, _mm256_set1_epi32(place)), kMostLogit);
}

// The same as between_knots(), of eight numbers.
VENEER_INLINE Eight between_knots8(const int32_t* pairs_of_knots, Eight x) {
  const Eight fraction = _mm256_and_si256(x, _mm256_set1_epi32(63));
  const Eight shares =
      _mm256_or_si256(_mm256_sub_epi32(_mm256_set1_epi32(64), fraction), _mm256_slli_epi32(fraction, 16));
  const Eight knots = _mm256_i32gather_epi32(pairs_of_knots, _mm256_srli_epi32(x, 6), 4);
  return _mm256_srai_epi32(_mm256_add_epi32(_mm256_madd_epi16(knots, shares), _mm256_set1_epi32(32)), 6);
}

VENEER_INLINE Eight beyond(const Distributions& d, int32_t place, int32_t direction, int32_t levels) {
  const Eight distance =
      _mm256_sign_epi32(_mm256_sub_epi32(d.centre, _mm256_set1_epi32(place)), _mm256_set1_epi32(direction));
  const Eight reached = logits_at(d, distance, kMaxLogit);
  // 64 * levels * inverse >> 16 in 64 bits, where it is not so large that it is cut in any case.
  const Eight by = _mm256_set1_epi64x(static_cast<int64_t>(levels) * 64), huge = _mm256_set1_epi64x(kMaxLogit);
  const Eight even = _mm256_srli_epi64(_mm256_mul_epu32(d.inverse, by), 16);
  const Eight odd = _mm256_srli_epi64(_mm256_mul_epu32(_mm256_srli_epi64(d.inverse, 32), by), 16);
  const Eight width_even = _mm256_blendv_epi8(even, huge, _mm256_cmpgt_epi64(even, huge));
  const Eight width_odd = _mm256_blendv_epi8(odd, huge, _mm256_cmpgt_epi64(odd, huge));
  const Eight width =
      _mm256_max_epi32(_mm256_or_si256(width_even, _mm256_slli_epi64(width_odd, 32)), _mm256_set1_epi32(1));
  Eight highest, mantissa;
  split8(width, &highest, &mantissa);
  const Eight logarithm = _mm256_add_epi32(
      _mm256_slli_epi32(highest, 8),
      _mm256_and_si256(_mm256_i32gather_epi32(reinterpret_cast<const int*>(kLogarithms.of), mantissa, 1),
                       _mm256_set1_epi32(255)));
  const Eight logarithm_of_width = _mm256_srai_epi32(
      _mm256_mullo_epi32(_mm256_sub_epi32(logarithm, _mm256_set1_epi32(2048)), _mm256_set1_epi32(177)), 8);
  const Eight growth = _mm256_add_epi32(between_knots8(kGrowthPairs.of, width), logarithm_of_width);
  const Eight soft = _mm256_add_epi32(between_knots8(kSoftplusPairs.of, _mm256_abs_epi32(reached)),
                                      _mm256_max_epi32(reached, _mm256_setzero_si256()));
  return clamped8(_mm256_sub_epi32(soft, growth), _mm256_set1_epi32(-kMostLogit), _mm256_set1_epi32(kMostLogit));
}

VENEER_INLINE Eight logits_of(const int16_t* logit, const BitModel* const* models, int node, int32_t constant) {
  const auto of = [=](int i) { return static_cast<int32_t>(logit[models[i][node].state >> 20]); };
  return _mm256_setr_epi32(of(0), of(1), of(2), of(3), of(4), of(5), constant, 0);
}

VENEER_INLINE Eight weighted8(const int32_t* a, const int32_t* b, Eight logits) {
  const Eight weights = _mm256_srai_epi32(_mm256_add_epi32(load_eight(a), load_eight(b)), 4);
  return _mm256_srai_epi32(_mm256_mullo_epi32(weights, logits), 4);
}

VENEER_INLINE int32_t mix(const int32_t* a, const int32_t* b, Eight x, Eight y) {
  const Eight eight = _mm256_add_epi32(weighted8(a, b, x), weighted8(a + 8, b + 8, y));
  __m128i sum = _mm_add_epi32(_mm256_castsi256_si128(eight), _mm256_extracti128_si256(eight, 1));
  sum = _mm_add_epi32(sum, _mm_shuffle_epi32(sum, 0x4e));
  sum = _mm_add_epi32(sum, _mm_shuffle_epi32(sum, 0xb1));
  return _mm_cvtsi128_si32(sum);
}

VENEER_INLINE void adapt_both(int32_t* a, int32_t* b, Eight logits, Eight error) {
  const Eight half = _mm256_set1_epi32(1 << (kShareShift - 1));
  const Eight change = _mm256_srai_epi32(_mm256_add_epi32(_mm256_mullo_epi32(logits, error), half), kShareShift);
  const Eight least = _mm256_set1_epi32(-kMostShare), most = _mm256_set1_epi32(kMostShare);
  store_eight(a, clamped8(_mm256_add_epi32(load_eight(a), change), least, most));
  store_eight(b, clamped8(_mm256_add_epi32(load_eight(b), change), least, most));
}

VENEER_INLINE void adapt(int32_t* a, int32_t* b, Eight x, Eight y, int32_t error) {
  const Eight by = _mm256_set1_epi32(error);
  adapt_both(a, b, x, by);
  adapt_both(a + 8, b + 8, y, by);
}

}  // namespace
}  // namespace veneer::modular::photo::VENEER_TARGET
