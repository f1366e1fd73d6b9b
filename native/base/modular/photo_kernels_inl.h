// Kernels of photo_kernels.h; each target compiles its own.
//
// VENEER_TARGET names the namespace. Nothing here is a symbol that another source may define (common/inline.h).
// Source: docs/format.md, "Photo form".
#pragma once
#include <cstddef>
#include <cstdint>

#include "base/modular/photo_arithmetic.h"
#include "base/modular/photo_kernels.h"
#include "common/inline.h"

#if defined(__AVX2__) && (defined(__x86_64__) || defined(_M_X64))
#include <immintrin.h>
#define VENEER_PHOTO_AVX2
#endif

namespace veneer::modular::VENEER_TARGET {
namespace {

constexpr int kSweeps = 2;                // over all weights, where a block begins
constexpr int32_t kMostStatistic = 1023;  // of a feature in the statistics
constexpr int32_t kMostWeight = (1 << 19) - 1;
constexpr int64_t kMostStep = 1 << 20;
constexpr int32_t kInertia = 512;     // how many statistics a weight counts for as it is
constexpr int32_t kMostLogit = 2040;  // of a distribution
constexpr int32_t kMostShare = 1 << 18;
constexpr int kShareShift = 17;

template <typename T>
VENEER_INLINE T clamped(T value, T least, T most) {
  return value < least ? least : value > most ? most : value;
}

#if defined(VENEER_PHOTO_AVX2)
VENEER_INLINE __m256i load(const void* from) { return _mm256_loadu_si256(static_cast<const __m256i*>(from)); }
VENEER_INLINE void store(void* to, __m256i values) { _mm256_storeu_si256(static_cast<__m256i*>(to), values); }
VENEER_INLINE __m256i clamped8(__m256i values, __m256i least, __m256i most) {
  return _mm256_min_epi32(_mm256_max_epi32(values, least), most);
}
VENEER_INLINE int64_t sum_of_four(__m256i values) {
  const __m128i two = _mm_add_epi64(_mm256_castsi256_si128(values), _mm256_extracti128_si256(values, 1));
  return _mm_cvtsi128_si64(_mm_add_epi64(two, _mm_unpackhi_epi64(two, two)));
}
#endif

// Regression number kKind of a plane: of kCount features. Statistics lose their weight: c becomes c - (c >> kFirst) - (c
// >> kSecond) from block to block, without the last term where kSecond is 0, and c - (c >> kRow) from row to row.
template <int kKind>
struct Kind {
  static constexpr int kCount = kRegressionTaps[kKind];
  static constexpr int kSize = sums_of(kCount);
  static constexpr int kFirst = kKind == 0 ? 2 : kKind == 1 ? 1 : 3;
  static constexpr int kSecond = kKind == 2 ? 0 : 4;
  static constexpr int kRow = kKind == 2 ? 4 : 2;

  VENEER_INLINE static int32_t decayed(int32_t c) { return c - (c >> kFirst) - (kSecond == 0 ? 0 : c >> kSecond); }
};

template <int kKind>
VENEER_INLINE void begin_row_of(const Regression& r, int blocks) {
  using K = Kind<kKind>;
  for (int i = 0; i < K::kSize; ++i) r.left[i] = 0;
  int32_t* right = r.right + static_cast<ptrdiff_t>(blocks) * K::kSize;
  for (int i = 0; i < K::kSize; ++i) right[i] = 0;
  for (int j = blocks - 1; j >= 0; --j) {
    const int32_t* const next = right;
    const int32_t* const column = r.columns + static_cast<ptrdiff_t>(j) * K::kSize;
    right -= K::kSize;
    for (int i = 0; i < K::kSize; ++i) right[i] = K::decayed(next[i]) + column[i];
  }
}

void begin_row(const Regression* regressions, int blocks) {
  begin_row_of<0>(regressions[0], blocks);
  begin_row_of<1>(regressions[1], blocks);
  begin_row_of<2>(regressions[2], blocks);
}

// Moves the weights of a regression.
template <int kKind>
struct Solver {
  using K = Kind<kKind>;
  static constexpr int kCount = K::kCount;

  VENEER_INLINE void begin(const Regression& r, int block, int32_t* all_weights) {
    weights = all_weights + kFirstTap[kKind];
    const int32_t* const right = r.right + static_cast<ptrdiff_t>(block) * K::kSize;
    for (int i = 0; i < K::kSize; ++i) sums[i] = r.left[i] + right[i];
    for (int i = 0; i < kCount; ++i) {
      const int32_t square = sums[i * kCount + i];
      inverses[i] = inverse_of(static_cast<uint32_t>(square + (square >> 13) + kInertia));
    }
#if defined(VENEER_PHOTO_AVX2)
    for (int v = 0; v < kCount / 8; ++v) lanes[v] = load(weights + 8 * v);
#endif
  }

  // The best weight of feature kIndex with the others as they are; nothing where there is no such feature.
  template <int kIndex>
  VENEER_INLINE void step() {
    if constexpr (kIndex < kCount) {
      const int64_t rest = sums[kCount * kCount + kIndex] * int64_t{65536} - predicted(sums + kIndex * kCount);
      const int64_t share = clamped<int64_t>(rest >> inverses[kIndex].shift, -kMostStep, kMostStep);
      const auto change = static_cast<int32_t>((share * inverses[kIndex].multiplier) >> 12);
      const int32_t moved = clamped(weights[kIndex] + change, -kMostWeight, kMostWeight);
      weights[kIndex] = moved;
#if defined(VENEER_PHOTO_AVX2)
      // Weights are kept in registers: reading them back at once from where one was written would have to wait.
      lanes[kIndex / 8] = _mm256_blend_epi32(lanes[kIndex / 8], _mm256_set1_epi32(moved), 1 << kIndex % 8);
#endif
    }
  }

  VENEER_INLINE int64_t predicted(const int32_t* row) const {
#if defined(VENEER_PHOTO_AVX2)
    __m256i even = _mm256_setzero_si256(), odd = even;
    for (int v = 0; v < kCount / 8; ++v) {
      const __m256i r = load(row + 8 * v);
      even = _mm256_add_epi64(even, _mm256_mul_epi32(r, lanes[v]));
      odd = _mm256_add_epi64(odd, _mm256_mul_epi32(_mm256_srli_epi64(r, 32), _mm256_srli_epi64(lanes[v], 32)));
    }
    return sum_of_four(_mm256_add_epi64(even, odd));
#else
    int64_t sum = 0;
    for (int k = 0; k < kCount; ++k) sum += static_cast<int64_t>(row[k]) * weights[k];
    return sum;
#endif
  }

  int32_t* weights;
  alignas(32) int32_t sums[K::kSize];
  Inverse inverses[kCount];
#if defined(VENEER_PHOTO_AVX2)
  __m256i lanes[kCount / 8];
#endif
};

// Steps kIndex .. of three regressions: each waits for the one before it, but not for those of the others.
template <int kIndex>
VENEER_INLINE void sweep(Solver<0>& a, Solver<1>& b, Solver<2>& c) {
  if constexpr (kIndex < Solver<2>::kCount) {
    a.step<kIndex>();
    b.step<kIndex>();
    c.step<kIndex>();
    sweep<kIndex + 1>(a, b, c);
  }
}

void begin_block(const Regression* regressions, int block, int32_t* weights) {
  Solver<0> a;
  Solver<1> b;
  Solver<2> c;
  a.begin(regressions[0], block, weights);
  b.begin(regressions[1], block, weights);
  c.begin(regressions[2], block, weights);
  for (int i = 0; i < kSweeps; ++i) sweep<0>(a, b, c);
}

VENEER_INLINE int32_t statistic(int32_t feature, const Inverse& scale) {
  return clamped((feature * scale.multiplier) >> scale.shift, -kMostStatistic, kMostStatistic);
}

// Two samples in each number, for instructions that multiply and add pairs.
struct alignas(32) Pairs {
  int32_t of[kBlock / 2][kAllTaps];
  int32_t target[kBlock / 2];
};

VENEER_INLINE int32_t pair(int32_t a, int32_t b) {
  return static_cast<int32_t>((static_cast<uint32_t>(a) & 0xffff) | static_cast<uint32_t>(b) << 16);
}
VENEER_INLINE int32_t first_of(int32_t pair) { return static_cast<int16_t>(pair & 0xffff); }
VENEER_INLINE int32_t second_of(int32_t pair) { return pair >> 16; }

VENEER_INLINE void make_pairs(const BlockSamples& s, Pairs* pairs) {
  for (int p = 0; p < kBlock / 2; ++p) {
    const int a = 2 * p, b = a + 1;
    // Samples that a block lacks have statistics of 0.
    const int32_t has_a = a < s.count ? -1 : 0, has_b = b < s.count ? -1 : 0;
    for (int i = 0; i < kAllTaps; ++i) {
      pairs->of[p][i] =
          pair(statistic(s.features[a][i], s.scales[a]) & has_a, statistic(s.features[b][i], s.scales[b]) & has_b);
    }
    pairs->target[p] = pair(statistic(s.targets[a], s.scales[a]) & has_a, statistic(s.targets[b], s.scales[b]) & has_b);
  }
}

template <int kKind>
VENEER_INLINE void end_block_of(const Regression& r, int block, const Pairs& pairs) {
  using K = Kind<kKind>;
  const int32_t* const first = pairs.of[0] + kFirstTap[kKind];
  const int32_t* const second = pairs.of[1] + kFirstTap[kKind];
  int32_t* const column = r.columns + static_cast<ptrdiff_t>(block) * K::kSize;
  for (int i = 0; i <= K::kCount; ++i) {
    const int32_t by_first = i < K::kCount ? first[i] : pairs.target[0];
    const int32_t by_second = i < K::kCount ? second[i] : pairs.target[1];
    int32_t* const sums = column + i * K::kCount;
    int32_t* const left = r.left + i * K::kCount;
#if defined(VENEER_PHOTO_AVX2)
    const __m256i a = _mm256_set1_epi32(by_first), b = _mm256_set1_epi32(by_second);
    for (int k = 0; k < K::kCount; k += 8) {
      const __m256i products =
          _mm256_add_epi32(_mm256_madd_epi16(a, load(first + k)), _mm256_madd_epi16(b, load(second + k)));
      const __m256i before = load(sums + k), l = load(left + k);
      const __m256i sum = _mm256_add_epi32(products, _mm256_sub_epi32(before, _mm256_srai_epi32(before, K::kRow)));
      __m256i faded = _mm256_sub_epi32(l, _mm256_srai_epi32(l, K::kFirst));
      if constexpr (K::kSecond != 0) faded = _mm256_sub_epi32(faded, _mm256_srai_epi32(l, K::kSecond));
      store(sums + k, sum);
      store(left + k, _mm256_add_epi32(faded, sum));
    }
#else
    for (int k = 0; k < K::kCount; ++k) {
      const int32_t products = first_of(by_first) * first_of(first[k]) + second_of(by_first) * second_of(first[k]) +
                               first_of(by_second) * first_of(second[k]) + second_of(by_second) * second_of(second[k]);
      sums[k] += products - (sums[k] >> K::kRow);
      left[k] = K::decayed(left[k]) + sums[k];
    }
#endif
  }
}

void end_block(const Regression* regressions, int block, const BlockSamples& samples) {
  Pairs pairs;
  make_pairs(samples, &pairs);
  end_block_of<0>(regressions[0], block, pairs);
  end_block_of<1>(regressions[1], block, pairs);
  end_block_of<2>(regressions[2], block, pairs);
}

template <int kKind>
VENEER_INLINE int64_t sum_of_products(const int32_t* weights, const int32_t* features) {
  constexpr int kFirst = kFirstTap[kKind], kCount = kRegressionTaps[kKind];
#if defined(VENEER_PHOTO_AVX2)
  __m256i sum = _mm256_setzero_si256();
  for (int k = kFirst; k < kFirst + kCount; k += 8) {
    const __m256i w = load(weights + k), f = load(features + k);
    sum = _mm256_add_epi64(sum, _mm256_add_epi64(_mm256_mul_epi32(w, f),
                                                 _mm256_mul_epi32(_mm256_srli_epi64(w, 32), _mm256_srli_epi64(f, 32))));
  }
  return sum_of_four(sum);
#else
  int64_t sum = 0;
  for (int k = kFirst; k < kFirst + kCount; ++k) sum += static_cast<int64_t>(weights[k]) * features[k];
  return sum;
#endif
}

void predict(const int32_t* weights, const int32_t* features, int64_t* sums) {
  sums[0] = sum_of_products<0>(weights, features);
  sums[1] = sum_of_products<1>(weights, features);
  sums[2] = sum_of_products<2>(weights, features);
}

void activity(const uint16_t* errors, const uint16_t* up, const uint16_t* up2, int32_t* out) {
  for (int i = 0; i < 8; ++i) {
    out[i] = 8 * (errors[i - 8] + up[i]) + 4 * (up[i - 8] + up[i + 8]) + 3 * (errors[i - 16] + up2[i]) + 2 * up[i + 16];
  }
}

void invert_scales(Distributions* d) {
  for (int i = 0; i < kDistributions; ++i) {
    const Inverse by = inverse_of(static_cast<uint32_t>(d->scale[i]));
    d->inverse[i] = by.shift <= 15 ? by.multiplier << (15 - by.shift) : by.multiplier >> (by.shift - 15);
    d->limit[i] = 2 * d->scale[i];
  }
}

// distance * inverse is below 2^29.
VENEER_INLINE int32_t logit_of(const Distributions& d, int i, int32_t distance, int32_t most) {
  return clamped((clamped(distance, -d.limit[i], d.limit[i]) * d.inverse[i]) >> 16, -most, most);
}

void above(const Distributions& d, int32_t place, int32_t* logits) {
  for (int i = 0; i < kDistributions; ++i) logits[i] = logit_of(d, i, d.centre[i] - place, kMostLogit);
}

#if defined(VENEER_PHOTO_AVX2)
// The same as between_knots(), of eight numbers.
VENEER_INLINE __m256i between_knots8(const int32_t* pairs_of_knots, __m256i x) {
  const __m256i fraction = _mm256_and_si256(x, _mm256_set1_epi32(63));
  const __m256i shares =
      _mm256_or_si256(_mm256_sub_epi32(_mm256_set1_epi32(64), fraction), _mm256_slli_epi32(fraction, 16));
  const __m256i knots = _mm256_i32gather_epi32(pairs_of_knots, _mm256_srli_epi32(x, 6), 4);
  return _mm256_srai_epi32(_mm256_add_epi32(_mm256_madd_epi16(knots, shares), _mm256_set1_epi32(32)), 6);
}

// The highest bits and the eight bits below them, of eight numbers below 2^24: the exponents of floats are exact.
VENEER_INLINE void split8(__m256i x, __m256i* highest, __m256i* mantissa) {
  const __m256i bits = _mm256_castps_si256(_mm256_cvtepi32_ps(x));
  *highest = _mm256_sub_epi32(_mm256_srli_epi32(bits, 23), _mm256_set1_epi32(127));
  *mantissa = _mm256_and_si256(_mm256_srli_epi32(bits, 15), _mm256_set1_epi32(255));
}

void beyond(const Distributions& d, int32_t place, int32_t direction, int32_t levels, int32_t* logits) {
  const __m256i sign = _mm256_set1_epi32(direction), limit = load(d.limit), inverse = load(d.inverse);
  const __m256i distance = _mm256_sign_epi32(_mm256_sub_epi32(load(d.centre), _mm256_set1_epi32(place)), sign);
  const __m256i bounded = clamped8(distance, _mm256_sub_epi32(_mm256_setzero_si256(), limit), limit);
  const __m256i most = _mm256_set1_epi32(kMaxLogit);
  const __m256i reached =
      clamped8(_mm256_srai_epi32(_mm256_mullo_epi32(bounded, inverse), 16), _mm256_set1_epi32(-kMaxLogit), most);
  // 64 * levels * inverse >> 16 in 64 bits, where it is not so large that it is cut in any case.
  const __m256i by = _mm256_set1_epi64x(static_cast<int64_t>(levels) * 64);
  const __m256i even = _mm256_srli_epi64(_mm256_mul_epu32(inverse, by), 16);
  const __m256i odd = _mm256_srli_epi64(_mm256_mul_epu32(_mm256_srli_epi64(inverse, 32), by), 16);
  const __m256i huge = _mm256_set1_epi64x(kMaxLogit);
  const __m256i width_even = _mm256_blendv_epi8(even, huge, _mm256_cmpgt_epi64(even, huge));
  const __m256i width_odd = _mm256_blendv_epi8(odd, huge, _mm256_cmpgt_epi64(odd, huge));
  const __m256i width =
      _mm256_max_epi32(_mm256_or_si256(width_even, _mm256_slli_epi64(width_odd, 32)), _mm256_set1_epi32(1));
  __m256i highest, mantissa;
  split8(width, &highest, &mantissa);
  const __m256i logarithm = _mm256_add_epi32(
      _mm256_slli_epi32(highest, 8),
      _mm256_and_si256(_mm256_i32gather_epi32(reinterpret_cast<const int*>(kLogarithms.of), mantissa, 1),
                       _mm256_set1_epi32(255)));
  const __m256i logarithm_of_width = _mm256_srai_epi32(
      _mm256_mullo_epi32(_mm256_sub_epi32(logarithm, _mm256_set1_epi32(2048)), _mm256_set1_epi32(177)), 8);
  const __m256i growth = _mm256_add_epi32(between_knots8(kGrowthPairs.of, width), logarithm_of_width);
  const __m256i soft = _mm256_add_epi32(between_knots8(kSoftplusPairs.of, _mm256_abs_epi32(reached)),
                                        _mm256_max_epi32(reached, _mm256_setzero_si256()));
  store(logits,
        clamped8(_mm256_sub_epi32(soft, growth), _mm256_set1_epi32(-kMostLogit), _mm256_set1_epi32(kMostLogit)));
}

VENEER_INLINE __m256i weighted8(const int32_t* a, const int32_t* b, const int32_t* logits) {
  const __m256i weights = _mm256_srai_epi32(_mm256_add_epi32(load(a), load(b)), 4);
  return _mm256_srai_epi32(_mm256_mullo_epi32(weights, load(logits)), 4);
}

int32_t mix(const int32_t* a, const int32_t* b, const int32_t* logits) {
  const __m256i eight = _mm256_add_epi32(weighted8(a, b, logits), weighted8(a + 8, b + 8, logits + 8));
  __m128i sum = _mm_add_epi32(_mm256_castsi256_si128(eight), _mm256_extracti128_si256(eight, 1));
  sum = _mm_add_epi32(sum, _mm_shuffle_epi32(sum, 0x4e));
  sum = _mm_add_epi32(sum, _mm_shuffle_epi32(sum, 0xb1));
  return _mm_cvtsi128_si32(sum);
}
#else
void beyond(const Distributions& d, int32_t place, int32_t direction, int32_t levels, int32_t* logits) {
  for (int i = 0; i < kDistributions; ++i) {
    const int32_t reached = logit_of(d, i, direction * (d.centre[i] - place), kMaxLogit);
    const int64_t width = (static_cast<int64_t>(levels) * 64 * d.inverse[i]) >> 16;
    const auto bounded = static_cast<int32_t>(clamped<int64_t>(width, 1, kMaxLogit));
    logits[i] = clamped(softplus(reached) - log_of_growth(bounded), -kMostLogit, kMostLogit);
  }
}

int32_t mix(const int32_t* a, const int32_t* b, const int32_t* logits) {
  int32_t sum = 0;  // weights of 2^19 times logits below 2^12, in 1/256, 16 times: below 2^27
  for (int i = 0; i < kInputs; ++i) sum += (((a[i] + b[i]) >> 4) * logits[i]) >> 4;
  return sum;
}
#endif

void adapt(int32_t* a, int32_t* b, const int32_t* logits, int32_t error) {
  for (int i = 0; i < kInputs; ++i) {
    const int32_t change = (logits[i] * error + (1 << (kShareShift - 1))) >> kShareShift;
    a[i] = clamped(a[i] + change, -kMostShare, kMostShare);
    b[i] = clamped(b[i] + change, -kMostShare, kMostShare);
  }
}

constexpr PhotoKernels kKernels = {begin_row,     begin_block, end_block, predict, activity,
                                   invert_scales, above,       beyond,    mix,     adapt};

}  // namespace
}  // namespace veneer::modular::VENEER_TARGET
