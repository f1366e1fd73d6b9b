// AVX2 kernels of row filters; the target avx512 has them too.
//
// Place: one of the targets of dct_dispatch.cpp. Source: docs/format.md, "Filters of tiles".
#include "base/dct_targets.h"

#if defined(__AVX2__)
#include <immintrin.h>

#define VENEER_TARGET filter_avx2
#include "base/row_filter_inl.h"

namespace veneer {
namespace filter_avx2 {
namespace {

__m256i load(const void* from) { return _mm256_loadu_si256(static_cast<const __m256i*>(from)); }

// The feature of 16 samples from x on.
__m256i feature_of(const FilterFeature& f, int x) {
  const __m256i c = load(f.c + x), high = _mm256_set1_epi16(f.limit),
                low = _mm256_set1_epi16(static_cast<int16_t>(-f.limit));
  const __m256i a = _mm256_sub_epi16(load(f.a + x), c), b = _mm256_sub_epi16(load(f.b + x), c);
  return _mm256_add_epi16(_mm256_max_epi16(low, _mm256_min_epi16(high, a)),
                          _mm256_max_epi16(low, _mm256_min_epi16(high, b)));
}

// The classes of 16 samples as bytes in the order 0..3, 8..11, 4..7, 12..15: that in which unpacking leaves features.
__m128i classes_of(const ClassTaps& taps, const int32_t* activity) {
  const __m256i low = load(activity), high = load(activity + 8);
  __m256i reached_low = _mm256_setzero_si256(), reached_high = reached_low;
  for (int k = 0; k + 1 < taps.classes; ++k) {
    const __m256i below = _mm256_set1_epi32(taps.threshold[k] - 1);
    reached_low = _mm256_sub_epi32(reached_low, _mm256_cmpgt_epi32(low, below));
    reached_high = _mm256_sub_epi32(reached_high, _mm256_cmpgt_epi32(high, below));
  }
  // Samples 0..3, 8..11 | 4..7, 12..15.
  const __m256i words = _mm256_packs_epi32(reached_low, reached_high);
  return _mm_packs_epi16(_mm256_castsi256_si128(words), _mm256_extracti128_si256(words, 1));
}

void weight(const ClassTaps& taps, const FilterFeature* features, int count, const int32_t* activity, int width,
            int32_t* change) {
  __m128i table[kMaxFilterFeatures];
  for (int i = 0; i < count; ++i) table[i] = _mm_loadl_epi64(reinterpret_cast<const __m128i*>(taps.tap[i]));
  int x = 0;
  for (; x + 16 <= width; x += 16) {
    const __m128i k = classes_of(taps, activity + x);
    // Samples 0..3, 8..11 and 4..7, 12..15.
    __m256i low = _mm256_setzero_si256(), high = low;
    for (int i = 0; i < count; i += 2) {
      const bool pair = i + 1 < count;
      const __m256i f = feature_of(features[i], x), g = pair ? feature_of(features[i + 1], x) : _mm256_setzero_si256();
      const __m128i tap_f = _mm_shuffle_epi8(table[i], k), tap_g = _mm_shuffle_epi8(table[pair ? i + 1 : i], k);
      const __m256i taps_low = _mm256_cvtepi8_epi16(_mm_unpacklo_epi8(tap_f, tap_g)),
                    taps_high = _mm256_cvtepi8_epi16(_mm_unpackhi_epi8(tap_f, tap_g));
      low = _mm256_add_epi32(low, _mm256_madd_epi16(_mm256_unpacklo_epi16(f, g), taps_low));
      high = _mm256_add_epi32(high, _mm256_madd_epi16(_mm256_unpackhi_epi16(f, g), taps_high));
    }
    auto* out = reinterpret_cast<__m256i*>(change + x);
    _mm256_storeu_si256(out, _mm256_permute2x128_si256(low, high, 0x20));
    _mm256_storeu_si256(out + 1, _mm256_permute2x128_si256(low, high, 0x31));
  }
  weight_from(x, taps, features, count, activity, width, change);
}

}  // namespace
}  // namespace filter_avx2

const FilterKernels* avx2_filter_kernels() {
  static const FilterKernels table = {filter_avx2::curvature, filter_avx2::add_rows, filter_avx2::weight,
                                      filter_avx2::apply};
  return &table;
}

}  // namespace veneer

#else

namespace veneer {

const FilterKernels* avx2_filter_kernels() { return nullptr; }

}  // namespace veneer

#endif
