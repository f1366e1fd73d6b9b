// Kernels of level_kernels.h; each target compiles its own.
//
// VENEER_TARGET names the namespace. Nothing here is a symbol that another source may define (common/inline.h).
// Source: docs/format.md, "Levels".
#pragma once
#include "base/jpeg/level_kernels.h"
#include "common/inline.h"
#include "entropy/logistic.h"

#if defined(__AVX2__) && (defined(__x86_64__) || defined(_M_X64))
#include <immintrin.h>
#define VENEER_LEVELS_AVX2
#endif

namespace veneer::jpeg::VENEER_TARGET {
namespace {

// As kLogit and kRates, with room for reading 32 bits at any place.
struct PaddedTables {
  int16_t logit[4096 + 2];
  uint16_t rate[kCountLimit + 1 + 2];
};

constexpr PaddedTables make_padded_tables() {
  PaddedTables t{};
  for (int i = 0; i < 4096; ++i) t.logit[i] = kLogit[static_cast<size_t>(i)];
  for (int i = 0; i <= kCountLimit; ++i) t.rate[i] = kRates.of[i];
  return t;
}
constexpr PaddedTables kPadded = make_padded_tables();

constexpr int32_t kMostPixel = 20000;

// 2048 * cos(x * pi / 16) / 2, rounded, for x = 1 .. 16; entry 0 is for DC, which has the share sqrt(1/2) of it.
constexpr int kCosines[17] = {724,  1004, 946,  851,  724,  569,  392,   200,  0,
                              -200, -392, -569, -724, -851, -946, -1004, -1024};

struct alignas(32) Basis {
  int32_t of[8][8];  // [frequency][pixel]
};
constexpr Basis make_basis() {
  Basis basis{};
  for (int u = 0; u < 8; ++u) {
    for (int x = 0; x < 8; ++x) {
      const int angle = (2 * x + 1) * u % 32;
      basis.of[u][x] = kCosines[angle <= 16 ? angle : 32 - angle];
    }
  }
  return basis;
}
constexpr Basis kBasis = make_basis();

#if defined(VENEER_LEVELS_AVX2)
VENEER_INLINE __m256i load(const void* from) { return _mm256_load_si256(static_cast<const __m256i*>(from)); }
VENEER_INLINE __m256i load_weights(const int32_t* from) {
  return _mm256_loadu_si256(reinterpret_cast<const __m256i*>(from));
}
VENEER_INLINE void store(void* to, __m256i values) { _mm256_store_si256(static_cast<__m256i*>(to), values); }

VENEER_INLINE __m128i products(const int16_t* a, const int16_t* b, int i) {
  return _mm_madd_epi16(_mm_loadu_si128(reinterpret_cast<const __m128i*>(a + i)),
                        _mm_loadu_si128(reinterpret_cast<const __m128i*>(b + i)));
}

void predict(const int16_t* f, const int16_t* w, const int16_t* m, LevelSums* sums) {
  const __m128i row = _mm_add_epi32(products(f, w, 0), products(f, w, 16));
  const __m128i column = _mm_add_epi32(products(f, w, 8), products(f, w, 24));
  const __m128i others = products(f, w, 32);
  __m128i magnitude = _mm_setzero_si128();
  for (int i = 0; i < kTaps; i += 8) {
    const __m128i size = _mm_abs_epi16(_mm_loadu_si128(reinterpret_cast<const __m128i*>(f + kTaps + i)));
    magnitude =
        _mm_add_epi32(magnitude, _mm_madd_epi16(size, _mm_loadu_si128(reinterpret_cast<const __m128i*>(m + i))));
  }
  _mm_storeu_si128(reinterpret_cast<__m128i*>(sums),
                   _mm_hadd_epi32(_mm_hadd_epi32(row, column), _mm_hadd_epi32(others, magnitude)));
}

VENEER_INLINE __m256i states8(const BitModel* models, __m256i slots, __m256i first) {
  const __m256i state = _mm256_i32gather_epi32(reinterpret_cast<const int*>(models), slots, 4);
  const __m256i fresh = _mm256_cmpeq_epi32(_mm256_and_si256(state, _mm256_set1_epi32(1023)), _mm256_setzero_si256());
  return _mm256_blendv_epi8(state, first, fresh);
}

VENEER_INLINE __m256i logits8(__m256i states) {
  return _mm256_srai_epi32(
      _mm256_slli_epi32(
          _mm256_i32gather_epi32(reinterpret_cast<const int*>(kPadded.logit), _mm256_srli_epi32(states, 20), 2), 16),
      16);
}

VENEER_INLINE __m128i packed(__m256i values) {
  return _mm_packs_epi32(_mm256_castsi256_si128(values), _mm256_extracti128_si256(values, 1));
}

int32_t mix(const BitModel* models, int node, LevelDecision* d) {
  const uint32_t first_state = models[d->slot[0] + node].state;
  const uint32_t count = first_state & 1023;
  const __m256i begun = _mm256_set1_epi32(
      static_cast<int32_t>((first_state & ~1023u) | (count < kInheritedCount ? count : kInheritedCount)));
  __m256i states = states8(models, _mm256_add_epi32(load(d->slot), _mm256_set1_epi32(node)), begun);
  states = _mm256_blend_epi32(states, _mm256_set1_epi32(static_cast<int32_t>(first_state)), 1);
  store(d->state, states);
  const __m256i lane = _mm256_setr_epi32(0, 1, 2, 3, 4, 5, 6, 7);
  const __m256i used = _mm256_cmpgt_epi32(_mm256_set1_epi32(d->count), lane);
  const __m256i constant = _mm256_setr_epi32(0, 0, 0, 0, 0, 0, 0, kConstantLogit);
  const __m128i logits = packed(_mm256_or_si256(_mm256_and_si256(logits8(states), used), constant));
  _mm_store_si128(reinterpret_cast<__m128i*>(d->logit), logits);
  const __m256i weights =
      _mm256_srai_epi32(_mm256_add_epi32(_mm256_add_epi32(load_weights(d->a->weight), load_weights(d->b->weight)),
                                         load_weights(d->c->weight)),
                        6);
  __m128i sum = _mm_madd_epi16(packed(weights), logits);
  sum = _mm_add_epi32(sum, _mm_shuffle_epi32(sum, 0x4e));
  sum = _mm_add_epi32(sum, _mm_shuffle_epi32(sum, 0xb1));
  return _mm_cvtsi128_si32(sum) >> 10;
}

VENEER_INLINE __m256i learnt8(__m256i states, __m256i target) {
  const __m256i counts = _mm256_and_si256(states, _mm256_set1_epi32(1023));
  const __m256i rates = _mm256_and_si256(_mm256_i32gather_epi32(reinterpret_cast<const int*>(kPadded.rate), counts, 2),
                                         _mm256_set1_epi32(0xffff));
  const __m256i p = _mm256_srli_epi32(states, 10), rest = _mm256_sub_epi32(target, p);
  const __m256i even = _mm256_srli_epi64(_mm256_mul_epi32(rest, rates), 16);
  const __m256i odd =
      _mm256_slli_epi64(_mm256_mul_epi32(_mm256_srli_epi64(rest, 32), _mm256_srli_epi64(rates, 32)), 16);
  const __m256i moved = _mm256_add_epi32(p, _mm256_blend_epi32(even, odd, 0xaa));
  const __m256i counted = _mm256_sub_epi32(counts, _mm256_cmpgt_epi32(_mm256_set1_epi32(kCountLimit), counts));
  return _mm256_or_si256(_mm256_slli_epi32(moved, 10), counted);
}

VENEER_INLINE void move8(int32_t* weights, __m256i step) {
  const __m256i most = _mm256_set1_epi32(kMaxWeight), least = _mm256_set1_epi32(-kMaxWeight);
  const __m256i moved = _mm256_add_epi32(load_weights(weights), step);
  _mm256_storeu_si256(reinterpret_cast<__m256i*>(weights), _mm256_max_epi32(_mm256_min_epi32(moved, most), least));
}

void learn(BitModel* models, int node, LevelDecision* d, int32_t scaled, int bit) {
  const __m256i logits = _mm256_cvtepi16_epi32(_mm_load_si128(reinterpret_cast<const __m128i*>(d->logit)));
  const __m256i step = _mm256_srai_epi32(
      _mm256_add_epi32(_mm256_mullo_epi32(logits, _mm256_set1_epi32(scaled)), _mm256_set1_epi32(1 << 13)), 14);
  move8(d->a->weight, step);
  move8(d->b->weight, step);
  move8(d->c->weight, step);
  alignas(32) uint32_t learnt[kLogits];
  store(learnt, learnt8(load(d->state), _mm256_set1_epi32(bit ? (1 << 22) - 1 : 0)));
  for (int i = 0; i < d->count; ++i) models[d->slot[i] + node].state = learnt[i];
}

void transform(const int16_t* coefficients, int16_t* pixels) {
  __m256i half[8];
  const __m256i most = _mm256_set1_epi32(1 << 17), least = _mm256_set1_epi32(-(1 << 17));
  for (int v = 0; v < 8; ++v) {
    __m256i sum = _mm256_setzero_si256();
    for (int u = 0; u < 8; ++u) {
      sum = _mm256_add_epi32(
          sum, _mm256_mullo_epi32(_mm256_set1_epi32(u + v == 0 ? 0 : coefficients[v * 8 + u]), load(kBasis.of[u])));
    }
    half[v] = _mm256_max_epi32(_mm256_min_epi32(_mm256_srai_epi32(sum, 7), most), least);
  }
  for (int y = 0; y < 8; ++y) {
    __m256i sum = _mm256_set1_epi32(1 << 11);
    for (int v = 0; v < 8; ++v) {
      sum = _mm256_add_epi32(sum, _mm256_mullo_epi32(half[v], _mm256_set1_epi32(kBasis.of[v][y])));
    }
    const __m256i bounded = _mm256_max_epi32(
        _mm256_min_epi32(_mm256_srai_epi32(sum, 12), _mm256_set1_epi32(kMostPixel)), _mm256_set1_epi32(-kMostPixel));
    _mm_storeu_si128(reinterpret_cast<__m128i*>(pixels + y * 8), packed(bounded));
  }
}
#else
VENEER_INLINE int32_t bounded(int32_t x, int32_t most) { return x < -most ? -most : x > most ? most : x; }

void predict(const int16_t* f, const int16_t* w, const int16_t* m, LevelSums* sums) {
  LevelSums s = {};
  for (int i = 0; i < 8; ++i) s.row += f[i] * w[i] + f[16 + i] * w[16 + i];
  for (int i = 8; i < 16; ++i) s.column += f[i] * w[i] + f[16 + i] * w[16 + i];
  for (int i = 32; i < kTaps; ++i) s.others += f[i] * w[i];
  for (int i = 0; i < kTaps; ++i) s.magnitude += (f[kTaps + i] < 0 ? -f[kTaps + i] : f[kTaps + i]) * m[i];
  *sums = s;
}

int32_t mix(const BitModel* models, int node, LevelDecision* d) {
  for (int i = 0; i < d->count; ++i) {
    uint32_t state = models[d->slot[i] + node].state;
    if (i > 0 && (state & 1023) == 0) {
      const uint32_t count = d->state[0] & 1023;
      state = (d->state[0] & ~1023u) | (count < kInheritedCount ? count : kInheritedCount);
    }
    d->state[i] = state;
    d->logit[i] = kPadded.logit[state >> 20];
  }
  for (int i = d->count; i < kLogits - 1; ++i) d->logit[i] = 0;
  d->logit[kLogits - 1] = kConstantLogit;
  return veneer::mix<kLogits>(d->logit, *d->a, *d->b, d->c);
}

void learn(BitModel* models, int node, LevelDecision* d, int32_t scaled, int bit) {
  move_weights<kLogits>(d->logit, scaled, d->a, d->b, d->c);
  for (int i = 0; i < d->count; ++i) {
    BitModel model{d->state[i]};
    model.update(bit);
    models[d->slot[i] + node] = model;
  }
}

void transform(const int16_t* coefficients, int16_t* pixels) {
  int32_t half[8][8];  // in 1/16 of a pixel
  for (int v = 0; v < 8; ++v) {
    int32_t sums[8] = {};
    for (int u = v == 0 ? 1 : 0; u < 8; ++u) {
      for (int x = 0; x < 8; ++x) sums[x] += coefficients[v * 8 + u] * kBasis.of[u][x];
    }
    for (int x = 0; x < 8; ++x) half[v][x] = bounded(sums[x] >> 7, 1 << 17);
  }
  for (int y = 0; y < 8; ++y) {
    int32_t sums[8] = {};
    for (int v = 0; v < 8; ++v) {
      for (int x = 0; x < 8; ++x) sums[x] += half[v][x] * kBasis.of[v][y];
    }
    for (int x = 0; x < 8; ++x)
      pixels[y * 8 + x] = static_cast<int16_t>(bounded((sums[x] + (1 << 11)) >> 12, kMostPixel));
  }
}
#endif

constexpr LevelKernels kKernels = {transform, predict, mix, learn};

}  // namespace
}  // namespace veneer::jpeg::VENEER_TARGET
