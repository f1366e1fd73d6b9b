// Regressions of the photo form, all planes of a tile side by side.
//
// Place: beneath photo_rows_inl.h; VENEER_TARGET names the namespace.
// Source: docs/format.md, "Photo form".
#pragma once
#include <cstddef>
#include <cstdint>

#include "base/modular/photo_arithmetic.h"
#include "base/modular/photo_state.h"
#include "common/bits.h"
#include "common/inline.h"
#include "common/unroll.h"

#if defined(__AVX2__) && (defined(__x86_64__) || defined(_M_X64))
#include <immintrin.h>
#define VENEER_PHOTO_AVX2
#define VENEER_UNROLL_WIDE VENEER_UNROLL(24)
#else
#define VENEER_UNROLL_WIDE
#endif

namespace veneer::modular::photo::VENEER_TARGET {
namespace {

constexpr int kSweeps = 2;                // over all weights, where a block begins
constexpr int32_t kMostStatistic = 1023;  // of a feature in the statistics
constexpr int32_t kMostWeight = (1 << 19) - 1;
constexpr int64_t kMostStep = 1 << 20;
constexpr int32_t kInertia = 512;  // how many statistics a weight counts for as it is

template <typename T>
VENEER_INLINE T clamped(T value, T least, T most) {
  return value < least ? least : value > most ? most : value;
}

// Statistics lose their weight: c becomes c - (c >> kFirst) - (c >> kSecond) from block to block, without the last term
// where kSecond is 0, and c - (c >> kRow) from row to row.
template <int kKind>
struct Kind {
  static constexpr int kCount = kTapsOf[kKind], kTap = kFirstTapOf[kKind];
  static constexpr int kSum = kFirstSumOf[kKind], kTarget = kSum + products_of(kCount);
  static constexpr int kFirst = kKind == 0 ? 2 : kKind == 1 ? 1 : 3;
  static constexpr int kSecond = kKind == 2 ? 0 : 4;
  static constexpr int kRow = kKind == 2 ? 4 : 2;

  VENEER_INLINE static int32_t decayed(int32_t c) { return c - (c >> kFirst) - (kSecond == 0 ? 0 : c >> kSecond); }
  // The sum of products of features i and k.
  static constexpr int sum_of(int i, int k) { return kSum + (i > k ? products_of(i) + k : products_of(k) + i); }
};

template <int kKind>
VENEER_INLINE void add_right(const Sums& next, const Sums& column, Sums* right) {
  using K = Kind<kKind>;
  constexpr int kEnd = kKind + 1 < kRegressions ? kFirstSumOf[(kKind + 1) % kRegressions] : kAllSums;
  const int32_t *from = next.of[K::kSum], *by = column.of[K::kSum];
  int32_t* to = right->of[K::kSum];
  for (int i = 0; i < (kEnd - K::kSum) * kLanes; ++i) to[i] = K::decayed(from[i]) + by[i];
}

// Before the first sample of a row.
void begin_row(Regressions& r) {
  r.left = Sums{};
  r.right[r.blocks] = Sums{};
  for (int j = r.blocks - 1; j >= 0; --j) {
    add_right<0>(r.right[j + 1], r.columns[j], &r.right[j]);
    add_right<1>(r.right[j + 1], r.columns[j], &r.right[j]);
    add_right<2>(r.right[j + 1], r.columns[j], &r.right[j]);
  }
}

#if defined(VENEER_PHOTO_AVX2)
// A number of 64 bits of each plane.
using Wide = __m256i;
VENEER_INLINE Wide load_wide(const int64_t* from) { return _mm256_load_si256(reinterpret_cast<const Wide*>(from)); }
VENEER_INLINE void store_wide(int64_t* to, Wide values) { _mm256_store_si256(reinterpret_cast<Wide*>(to), values); }
VENEER_INLINE Wide widened_sum(const int32_t* a, const int32_t* b) {
  return _mm256_cvtepi32_epi64(_mm_add_epi32(_mm_load_si128(reinterpret_cast<const __m128i*>(a)),
                                             _mm_load_si128(reinterpret_cast<const __m128i*>(b))));
}
// Of the low 32 bits.
VENEER_INLINE Wide product(Wide a, Wide b) { return _mm256_mul_epi32(a, b); }
VENEER_INLINE Wide difference(Wide a, Wide b) { return _mm256_sub_epi64(a, b); }
VENEER_INLINE Wide times_65536(Wide a) { return _mm256_slli_epi64(a, 16); }

// The change of a weight: what is missing, below 2^62, times the inverse; the low 32 bits count.
VENEER_INLINE Wide change_of(Wide rest, const int64_t* multipliers, const int64_t* shifts) {
  const Wide bias = _mm256_set1_epi64x(int64_t{1} << 62), by = load_wide(shifts);
  const Wide shifted =
      _mm256_sub_epi64(_mm256_srlv_epi64(_mm256_add_epi64(rest, bias), by), _mm256_srlv_epi64(bias, by));
  const Wide most = _mm256_set1_epi64x(kMostStep), least = _mm256_set1_epi64x(-kMostStep);
  const Wide capped = _mm256_blendv_epi8(shifted, most, _mm256_cmpgt_epi64(shifted, most));
  const Wide share = _mm256_blendv_epi8(capped, least, _mm256_cmpgt_epi64(least, shifted));
  return _mm256_srli_epi64(product(share, load_wide(multipliers)), 12);  // of 33 bits and a sign: 32 are left
}
VENEER_INLINE Wide moved(Wide weight, Wide change) {
  const Wide most = _mm256_set1_epi32(kMostWeight), least = _mm256_set1_epi32(-kMostWeight);
  return _mm256_min_epi32(_mm256_max_epi32(_mm256_add_epi64(weight, change), least), most);
}
#else
struct Wide {
  int64_t of[kLanes];
};
VENEER_INLINE Wide load_wide(const int64_t* from) {
  Wide w;
  for (int c = 0; c < kLanes; ++c) w.of[c] = from[c];
  return w;
}
VENEER_INLINE void store_wide(int64_t* to, const Wide& values) {
  for (int c = 0; c < kLanes; ++c) to[c] = values.of[c];
}
VENEER_INLINE Wide widened_sum(const int32_t* a, const int32_t* b) {
  Wide w;
  for (int c = 0; c < kLanes; ++c) w.of[c] = a[c] + b[c];
  return w;
}
VENEER_INLINE Wide product(const Wide& a, const Wide& b) {
  Wide w;
  for (int c = 0; c < kLanes; ++c) w.of[c] = a.of[c] * b.of[c];
  return w;
}
VENEER_INLINE Wide difference(const Wide& a, const Wide& b) {
  Wide w;
  for (int c = 0; c < kLanes; ++c) w.of[c] = a.of[c] - b.of[c];
  return w;
}
VENEER_INLINE Wide times_65536(const Wide& a) {
  Wide w;
  for (int c = 0; c < kLanes; ++c) w.of[c] = a.of[c] * 65536;
  return w;
}
VENEER_INLINE Wide change_of(const Wide& rest, const int64_t* multipliers, const int64_t* shifts) {
  Wide w;
  for (int c = 0; c < kLanes; ++c) {
    w.of[c] = (clamped<int64_t>(rest.of[c] >> shifts[c], -kMostStep, kMostStep) * multipliers[c]) >> 12;
  }
  return w;
}
VENEER_INLINE Wide moved(const Wide& weight, const Wide& change) {
  Wide w;
  for (int c = 0; c < kLanes; ++c) w.of[c] = clamped<int64_t>(weight.of[c] + change.of[c], -kMostWeight, kMostWeight);
  return w;
}
#endif

// The least squares of a block: sums, and inverses of those of squares.
struct alignas(32) Equations {
  int64_t sums[kAllSums][kLanes];
  int64_t multipliers[kAllTaps][kLanes], shifts[kAllTaps][kLanes];
};

// The best weight of a feature with the others as they are; nothing where there is no such feature.
template <int kKind>
VENEER_INLINE void step(const Equations& e, int index, int64_t (*weights)[kLanes]) {
  using K = Kind<kKind>;
  if (index >= K::kCount) return;
  Wide rest = times_65536(load_wide(e.sums[K::kTarget + index]));
  // The weight before it was moved last, and comes last.
  VENEER_UNROLL_WIDE
  for (int j = 0; j < K::kCount; ++j) {
    const int k = (index + j) % K::kCount;
    rest = difference(rest, product(load_wide(e.sums[K::sum_of(index, k)]), load_wide(weights[K::kTap + k])));
  }
  const int at = K::kTap + index;
  store_wide(weights[at], moved(load_wide(weights[at]), change_of(rest, e.multipliers[at], e.shifts[at])));
}

// Of three regressions each step waits for the one before it, but not for those of the others.
VENEER_INLINE void sweep(const Equations& e, int64_t (*weights)[kLanes]) {
  VENEER_UNROLL_WIDE
  for (int i = 0; i < kTapsOf[2]; ++i) {
    step<0>(e, i, weights);
    step<1>(e, i, weights);
    step<2>(e, i, weights);
  }
}

// Inverses of the sums of squares: each with a little more, so that weights are not moved by what is hardly known.
template <int kKind>
VENEER_INLINE void invert_squares(Equations* e) {
  using K = Kind<kKind>;
#if defined(VENEER_PHOTO_AVX2)
  VENEER_UNROLL_WIDE
  for (int i = 0; i < K::kCount; ++i) {
    const Wide square = load_wide(e->sums[K::sum_of(i, i)]);
    const Wide x =
        _mm256_add_epi64(_mm256_add_epi64(square, _mm256_srli_epi64(square, 13)), _mm256_set1_epi64x(kInertia));
    // The high 32 bits of each lane are 0. Of numbers from 2^24 on the low bits are left out, so that floats are exact.
    const Wide large = _mm256_cmpgt_epi32(x, _mm256_set1_epi32((1 << 24) - 1));
    const Wide exact = _mm256_andnot_si256(_mm256_and_si256(large, _mm256_set1_epi32(255)), x);
    const Wide bits = _mm256_castps_si256(_mm256_cvtepi32_ps(exact));
    const Wide shift = _mm256_and_si256(_mm256_sub_epi32(_mm256_srli_epi32(bits, 23), _mm256_set1_epi32(127)),
                                        _mm256_set1_epi64x(0xffffffff));
    const Wide mantissa = _mm256_and_si256(_mm256_srli_epi32(bits, 15), _mm256_set1_epi64x(255));
    const Wide divisor = _mm256_add_epi32(mantissa, _mm256_set1_epi32(256));
    // 2^20 / divisor: the nearest float lies on the same side of every whole number as the quotient does.
    const Wide multiplier =
        _mm256_and_si256(_mm256_cvttps_epi32(_mm256_div_ps(_mm256_set1_ps(1 << 20), _mm256_cvtepi32_ps(divisor))),
                         _mm256_set1_epi64x(0xffffffff));
    _mm256_store_si256(reinterpret_cast<Wide*>(e->multipliers[K::kTap + i]), multiplier);
    _mm256_store_si256(reinterpret_cast<Wide*>(e->shifts[K::kTap + i]), shift);
  }
#else
  for (int i = 0; i < K::kCount; ++i) {
    for (int c = 0; c < kLanes; ++c) {
      const auto square = static_cast<int32_t>(e->sums[K::sum_of(i, i)][c]);
      const Inverse by = inverse_of(static_cast<uint32_t>(square + (square >> 13) + kInertia));
      e->multipliers[K::kTap + i][c] = by.multiplier;
      e->shifts[K::kTap + i][c] = by.shift;
    }
  }
#endif
}

// Before the first sample of a block: moves the weights.
void begin_block(Regressions& r, int block, Plane* const* planes, int count) {
  Equations e;
  const Sums& right = r.right[block];
  for (int i = 0; i < kAllSums; ++i) store_wide(e.sums[i], widened_sum(r.left.of[i], right.of[i]));
  // What end_block and the next block read.
  for (int i = 0; i < kAllSums; i += 64 / static_cast<int>(sizeof right.of[0])) {
    prefetch(r.columns[block].of[i]);
    prefetch(r.right[block + 1].of[i]);
  }
  invert_squares<0>(&e);
  invert_squares<1>(&e);
  invert_squares<2>(&e);
  VENEER_UNROLL(1)
  for (int i = 0; i < kSweeps; ++i) sweep(e, r.weights);
  for (int c = 0; c < count; ++c) {
    for (int k = 0; k < kAllTaps; ++k) planes[c]->weights[k] = static_cast<int32_t>(r.weights[k][c]);
  }
}

VENEER_INLINE int32_t statistic(int32_t feature, const Inverse& scale) {
  return clamped((feature * scale.multiplier) >> scale.shift, -kMostStatistic, kMostStatistic);
}

// Two samples in each number, for instructions that multiply and add pairs.
struct alignas(32) Pairs {
  int32_t of[kBlock / 2][kAllTaps][kLanes];
  int32_t target[kBlock / 2][kLanes];
};

VENEER_INLINE int32_t pair(int32_t a, int32_t b) {
  return static_cast<int32_t>((static_cast<uint32_t>(a) & 0xffff) | static_cast<uint32_t>(b) << 16);
}
VENEER_INLINE int32_t first_of(int32_t pair) { return static_cast<int16_t>(pair & 0xffff); }
VENEER_INLINE int32_t second_of(int32_t pair) { return pair >> 16; }

// known: samples of the block; those that it lacks have statistics of 0.
VENEER_INLINE void make_pairs(const BlockSamples& s, int known, int lane, Pairs* pairs) {
  for (int p = 0; p < kBlock / 2; ++p) {
    const int a = 2 * p, b = a + 1;
    const int32_t has_a = a < known ? -1 : 0, has_b = b < known ? -1 : 0;
    alignas(32) int32_t both[kAllTaps];
    for (int i = 0; i < kAllTaps; ++i) {
      both[i] =
          pair(statistic(s.features[a][i], s.scales[a]) & has_a, statistic(s.features[b][i], s.scales[b]) & has_b);
    }
    for (int i = 0; i < kAllTaps; ++i) pairs->of[p][i][lane] = both[i];
    pairs->target[p][lane] =
        pair(statistic(s.targets[a], s.scales[a]) & has_a, statistic(s.targets[b], s.scales[b]) & has_b);
  }
}

#if defined(VENEER_PHOTO_AVX2)
template <int kKind>
VENEER_INLINE void add_two(__m256i a, __m256i b, const int32_t* first, const int32_t* second, int32_t* column,
                           int32_t* left) {
  using K = Kind<kKind>;
  const auto load = [](const int32_t* from) { return _mm256_loadu_si256(reinterpret_cast<const __m256i*>(from)); };
  const auto store = [](int32_t* to, __m256i v) { _mm256_storeu_si256(reinterpret_cast<__m256i*>(to), v); };
  const __m256i products = _mm256_add_epi32(_mm256_madd_epi16(a, load(first)), _mm256_madd_epi16(b, load(second)));
  const __m256i before = load(column), l = load(left);
  const __m256i sum = _mm256_add_epi32(products, _mm256_sub_epi32(before, _mm256_srai_epi32(before, K::kRow)));
  __m256i faded = _mm256_sub_epi32(l, _mm256_srai_epi32(l, K::kFirst));
  if constexpr (K::kSecond != 0) faded = _mm256_sub_epi32(faded, _mm256_srai_epi32(l, K::kSecond));
  store(column, sum);
  store(left, _mm256_add_epi32(faded, sum));
}
#endif

template <int kKind>
VENEER_INLINE void add_one(const int32_t* a, const int32_t* b, const int32_t* first, const int32_t* second,
                           int32_t* column, int32_t* left) {
  using K = Kind<kKind>;
  for (int c = 0; c < kLanes; ++c) {
    const int32_t products = first_of(a[c]) * first_of(first[c]) + second_of(a[c]) * second_of(first[c]) +
                             first_of(b[c]) * first_of(second[c]) + second_of(b[c]) * second_of(second[c]);
    column[c] += products - (column[c] >> K::kRow);
    left[c] = K::decayed(left[c]) + column[c];
  }
}

// Adds the products of features 0 .. count - 1 with one more number, a in the first two samples of the block and b in the
// others, to sums that follow each other.
template <int kKind>
VENEER_INLINE void add_products(const Pairs& pairs, int count, const int32_t* a, const int32_t* b,
                                int32_t (*column)[kLanes], int32_t (*left)[kLanes]) {
  const int32_t (*const first)[kLanes] = pairs.of[0] + Kind<kKind>::kTap;
  const int32_t (*const second)[kLanes] = pairs.of[1] + Kind<kKind>::kTap;
  int k = 0;
#if defined(VENEER_PHOTO_AVX2)
  const __m256i a8 = _mm256_broadcastsi128_si256(_mm_loadu_si128(reinterpret_cast<const __m128i*>(a)));
  const __m256i b8 = _mm256_broadcastsi128_si256(_mm_loadu_si128(reinterpret_cast<const __m128i*>(b)));
  for (; k + 2 <= count; k += 2) add_two<kKind>(a8, b8, first[k], second[k], column[k], left[k]);
#endif
  for (; k < count; ++k) add_one<kKind>(a, b, first[k], second[k], column[k], left[k]);
}

template <int kKind>
VENEER_INLINE void add_block(Regressions& r, int block, const Pairs& pairs) {
  using K = Kind<kKind>;
  Sums &column = r.columns[block], &left = r.left;
  for (int i = 0; i < K::kCount; ++i) {
    const int at = K::kSum + products_of(i), tap = K::kTap + i;
    add_products<kKind>(pairs, i + 1, pairs.of[0][tap], pairs.of[1][tap], column.of + at, left.of + at);
  }
  add_products<kKind>(pairs, K::kCount, pairs.target[0], pairs.target[1], column.of + K::kTarget, left.of + K::kTarget);
}

// After the last sample of a block of `known` samples.
void end_block(Regressions& r, int block, int known, const Plane* const* planes, int count) {
  Pairs pairs{};
  for (int c = 0; c < count; ++c) make_pairs(planes[c]->block, known, c, &pairs);
  add_block<0>(r, block, pairs);
  add_block<1>(r, block, pairs);
  add_block<2>(r, block, pairs);
}

template <int kKind>
VENEER_INLINE int64_t sum_of_products(const int32_t* weights, const int32_t* features) {
  constexpr int kFirst = kFirstTapOf[kKind], kCount = kTapsOf[kKind];
#if defined(VENEER_PHOTO_AVX2)
  __m256i sum = _mm256_setzero_si256();
  VENEER_UNROLL(3)
  for (int k = kFirst; k < kFirst + kCount; k += 8) {
    const __m256i w = _mm256_load_si256(reinterpret_cast<const __m256i*>(weights + k));
    const __m256i f = _mm256_load_si256(reinterpret_cast<const __m256i*>(features + k));
    sum = _mm256_add_epi64(sum, _mm256_add_epi64(_mm256_mul_epi32(w, f),
                                                 _mm256_mul_epi32(_mm256_srli_epi64(w, 32), _mm256_srli_epi64(f, 32))));
  }
  const __m128i two = _mm_add_epi64(_mm256_castsi256_si128(sum), _mm256_extracti128_si256(sum, 1));
  return _mm_cvtsi128_si64(_mm_add_epi64(two, _mm_unpackhi_epi64(two, two)));
#else
  int64_t sum = 0;
  for (int k = kFirst; k < kFirst + kCount; ++k) sum += static_cast<int64_t>(weights[k]) * features[k];
  return sum;
#endif
}

}  // namespace
}  // namespace veneer::modular::photo::VENEER_TARGET

#undef VENEER_UNROLL_WIDE
