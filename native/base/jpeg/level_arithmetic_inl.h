// What takes the time of coding levels: predictions of levels, mixing, learning, and pixels of a block.
//
// VENEER_TARGET names the namespace. Nothing here is a symbol that another source may define (common/inline.h).
// Source: docs/format.md, "Levels".
#pragma once
#include <cstddef>
#include <cstdint>

#include "base/jpeg/level_models.h"
#include "common/inline.h"
#include "common/unroll.h"
#include "entropy/logistic.h"

#if defined(__AVX2__) && (defined(__x86_64__) || defined(_M_X64))
#include <immintrin.h>
#define VENEER_LEVELS_AVX2
#endif

namespace veneer::jpeg::VENEER_TARGET {
namespace {

constexpr int kMostLogit = 2047;

// Of the standard library's arrays, elements are functions.
struct LogitTables {
  int16_t logit[4096];
  uint16_t logistic[2 * kMostLogit + 1];  // from -kMostLogit on
};
constexpr LogitTables make_logit_tables() {
  LogitTables t{};
  for (int i = 0; i < 4096; ++i) t.logit[i] = kLogit[static_cast<size_t>(i)];
  for (int i = -kMostLogit; i <= kMostLogit; ++i) {
    t.logistic[i + kMostLogit] = kLogistic[static_cast<size_t>(i + kMaxLogit)];
  }
  return t;
}
constexpr LogitTables kTables16 = make_logit_tables();

VENEER_INLINE int least(int a, int b) { return b < a ? b : a; }
VENEER_INLINE int most(int a, int b) { return a < b ? b : a; }
VENEER_INLINE int bounded(int x, int low, int high) { return x < low ? low : high < x ? high : x; }
VENEER_INLINE int size_of(int x) { return x < 0 ? -x : x; }

// Of a level with its sign, in 1/4096 of a step of 1. Sums of |tap| * 2^13 stay below 2^30: the tables are such.
struct LevelSums {
  int32_t row, column, others;  // from the row of frequencies, from the column, from others
};

// What a level is predicted from: eight levels times steps of each of four lines, and eight single ones, of which the
// last three are others for magnitudes.
struct Features {
  const int16_t *left_row, *above_column, *row, *column;
  int16_t left_first, above_first;  // in the place of the first of left_row and of above_column
  int16_t others[5], of_magnitude[3];
  int16_t cb;  // the sixth of the others; the last two are 0
};

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
struct alignas(32) BasisPairs {
  int16_t of[4][16];  // [pair of frequencies][pixel, frequency]
};
constexpr BasisPairs make_basis_pairs() {
  BasisPairs pairs{};
  for (int u = 0; u < 8; ++u) {
    for (int x = 0; x < 8; ++x) pairs.of[u / 2][2 * x + u % 2] = static_cast<int16_t>(kBasis.of[u][x]);
  }
  return pairs;
}
constexpr BasisPairs kBasisPairs = make_basis_pairs();
#endif

// The state of a model that has seen nothing yet: it begins as the first one.
VENEER_INLINE uint32_t inherited(uint32_t first) {
  const uint32_t count = first & 1023;
  return (first & ~1023u) | (count < kInheritedCount ? count : kInheritedCount);
}

VENEER_INLINE uint32_t state_or(uint32_t state, uint32_t begun) { return (state & 1023) == 0 ? begun : state; }

#if defined(VENEER_LEVELS_AVX2)
VENEER_INLINE __m256i load(const void* from) { return _mm256_load_si256(static_cast<const __m256i*>(from)); }
VENEER_INLINE __m256i load_weights(const int32_t* from) {
  return _mm256_loadu_si256(reinterpret_cast<const __m256i*>(from));
}
VENEER_INLINE __m128i load8(const int16_t* from) { return _mm_loadu_si128(reinterpret_cast<const __m128i*>(from)); }

VENEER_INLINE __m128i packed(__m256i values) {
  return _mm_packs_epi32(_mm256_castsi256_si128(values), _mm256_extracti128_si256(values, 1));
}

// The two lines of neighbours.
VENEER_INLINE __m128i left_of(const Features& f) { return _mm_insert_epi16(load8(f.left_row), f.left_first, 0); }
VENEER_INLINE __m128i above_of(const Features& f) { return _mm_insert_epi16(load8(f.above_column), f.above_first, 0); }

VENEER_INLINE LevelSums predict_level(const Features& f, const int16_t* w) {
  const __m128i others = _mm_setr_epi16(f.others[0], f.others[1], f.others[2], f.others[3], f.others[4], f.cb, 0, 0);
  const __m128i by_row =
      _mm_add_epi32(_mm_madd_epi16(left_of(f), load8(w)), _mm_madd_epi16(load8(f.row), load8(w + 16)));
  const __m128i by_column =
      _mm_add_epi32(_mm_madd_epi16(above_of(f), load8(w + 8)), _mm_madd_epi16(load8(f.column), load8(w + 24)));
  const __m128i by_others = _mm_madd_epi16(others, load8(w + 32));
  const __m128i sums = _mm_hadd_epi32(_mm_hadd_epi32(by_row, by_column), _mm_hadd_epi32(by_others, by_others));
  return {_mm_cvtsi128_si32(sums), _mm_extract_epi32(sums, 1), _mm_extract_epi32(sums, 2)};
}

VENEER_INLINE int32_t predict_magnitude(const Features& f, const int16_t* w) {
  const auto products = [&](__m128i values, int i) { return _mm_madd_epi16(_mm_abs_epi16(values), load8(w + i)); };
  const __m128i others = _mm_setr_epi16(f.others[0], f.others[1], f.others[2], f.others[3], f.others[4],
                                        f.of_magnitude[0], f.of_magnitude[1], f.of_magnitude[2]);
  __m128i sum = _mm_add_epi32(_mm_add_epi32(products(left_of(f), 0), products(above_of(f), 8)),
                              _mm_add_epi32(products(load8(f.row), 16), products(load8(f.column), 24)));
  sum = _mm_add_epi32(sum, products(others, 32));
  sum = _mm_add_epi32(sum, _mm_shuffle_epi32(sum, 0x4e));
  return _mm_cvtsi128_si32(_mm_add_epi32(sum, _mm_shuffle_epi32(sum, 0xb1)));
}

// A decision of kCount models: the models of each of its contexts; states and logits as they were when mixed.
struct Decision {
  BitModel* at[kMostTables];
  __m256i states;
  __m128i logits;
};

template <int kCount>
VENEER_INLINE __m256i states_of(int node, const Decision& d) {
  const auto state = [&](int i) { return static_cast<int>(i < kCount ? d.at[i < kCount ? i : 0][node].state : 1); };
  return _mm256_setr_epi32(state(0), state(1), state(2), state(3), state(4), state(5), state(6), 1);
}

// The logit of node `node`, in 1/256, not limited.
template <int kCount>
VENEER_INLINE int32_t mix(int node, const Weights& a, const Weights& b, const Weights& c, Decision* d) {
  const __m256i weights = _mm256_srai_epi32(
      _mm256_add_epi32(_mm256_add_epi32(load_weights(a.weight), load_weights(b.weight)), load_weights(c.weight)), 6);
  d->states = states_of<kCount>(node, *d);
  const __m256i fresh =
      _mm256_cmpeq_epi32(_mm256_and_si256(d->states, _mm256_set1_epi32(1023)), _mm256_setzero_si256());
  if (_mm256_movemask_ps(_mm256_castsi256_ps(fresh)) > 1) {  // some but the first, which is rare
    const uint32_t begun = inherited(d->at[0][node].state);
    for (int i = 1; i < kCount; ++i) d->at[i][node].state = state_or(d->at[i][node].state, begun);
    d->states = states_of<kCount>(node, *d);
  }
  const auto logit = [&](int i) {
    return i < kCount ? kTables16.logit[d->at[i < kCount ? i : 0][node].state >> 20] : int16_t{0};
  };
  d->logits = _mm_setr_epi16(logit(0), logit(1), logit(2), logit(3), logit(4), logit(5), logit(6), kConstantLogit);
  __m128i sum = _mm_madd_epi16(packed(weights), d->logits);
  sum = _mm_add_epi32(sum, _mm_shuffle_epi32(sum, 0x4e));
  sum = _mm_add_epi32(sum, _mm_shuffle_epi32(sum, 0xb1));
  return _mm_cvtsi128_si32(sum) >> 10;
}

VENEER_INLINE void move8(int32_t* weights, __m256i step) {
  const __m256i highest = _mm256_set1_epi32(kMaxWeight), lowest = _mm256_set1_epi32(-kMaxWeight);
  const __m256i moved = _mm256_add_epi32(load_weights(weights), step);
  _mm256_storeu_si256(reinterpret_cast<__m256i*>(weights), _mm256_max_epi32(_mm256_min_epi32(moved, highest), lowest));
}

// kRates by division in floating point: all numbers are whole and below 2^24, and the quotient is cut to a whole one.
constexpr bool division_gives_rates() {
  for (int n = 0; n <= kCountLimit; ++n) {
    const float count = static_cast<float>(n);
    if (static_cast<int>((count * 5.0f + 655368.0f) / (count * 10.0f + 16.0f)) != kRates.of[n]) return false;
  }
  return true;
}
static_assert(division_gives_rates(), "the rates of learnt8() are those of BitModel");

// What the states are after decisions whose value is `target`, in 22 bits.
VENEER_INLINE __m256i learnt8(__m256i states, int target) {
  const __m256i counts = _mm256_and_si256(states, _mm256_set1_epi32(1023));
  const __m256 of_counts = _mm256_cvtepi32_ps(counts);
  const __m256 five = _mm256_mul_ps(of_counts, _mm256_set1_ps(5.0f));
  const __m256i rates = _mm256_cvttps_epi32(_mm256_div_ps(
      _mm256_add_ps(five, _mm256_set1_ps(655368.0f)), _mm256_add_ps(_mm256_add_ps(five, five), _mm256_set1_ps(16.0f))));
  const __m256i p = _mm256_srli_epi32(states, 10), rest = _mm256_sub_epi32(_mm256_set1_epi32(target), p);
  const __m256i even = _mm256_srli_epi64(_mm256_mul_epi32(rest, rates), 16);
  const __m256i odd =
      _mm256_slli_epi64(_mm256_mul_epi32(_mm256_srli_epi64(rest, 32), _mm256_srli_epi64(rates, 32)), 16);
  const __m256i moved = _mm256_add_epi32(p, _mm256_blend_epi32(even, odd, 0xaa));
  const __m256i counted = _mm256_sub_epi32(counts, _mm256_cmpgt_epi32(_mm256_set1_epi32(kCountLimit), counts));
  return _mm256_or_si256(_mm256_slli_epi32(moved, 10), counted);
}

// `scaled` is from weight_step().
template <int kCount>
VENEER_INLINE void learn(int node, int32_t scaled, int bit, const Decision& d, Weights* a, Weights* b, Weights* c) {
  const __m256i step =
      _mm256_srai_epi32(_mm256_add_epi32(_mm256_mullo_epi32(_mm256_cvtepi16_epi32(d.logits), _mm256_set1_epi32(scaled)),
                                         _mm256_set1_epi32(1 << 13)),
                        14);
  move8(a->weight, step);
  move8(b->weight, step);
  move8(c->weight, step);
  const __m256i learnt = learnt8(d.states, bit ? (1 << 22) - 1 : 0);
  const __m128i low = _mm256_castsi256_si128(learnt), high = _mm256_extracti128_si256(learnt, 1);
  d.at[0][node].state = static_cast<uint32_t>(_mm_cvtsi128_si32(low));
  d.at[1][node].state = static_cast<uint32_t>(_mm_extract_epi32(low, 1));
  d.at[2][node].state = static_cast<uint32_t>(_mm_extract_epi32(low, 2));
  d.at[3][node].state = static_cast<uint32_t>(_mm_extract_epi32(low, 3));
  d.at[4][node].state = static_cast<uint32_t>(_mm_cvtsi128_si32(high));
  d.at[5][node].state = static_cast<uint32_t>(_mm_extract_epi32(high, 1));
  if constexpr (kCount == kMostTables) d.at[6][node].state = static_cast<uint32_t>(_mm_extract_epi32(high, 2));
}

// The pixels of a block without DC, in 1/8, from levels times steps: |coefficient| < 2^13, the first is 0. rows_used:
// bits of the rows that have others than 0.
void transform(const int16_t* coefficients, int rows_used, int16_t* pixels) {
  __m256i half[8];
  const __m256i highest = _mm256_set1_epi32(1 << 17), lowest = _mm256_set1_epi32(-(1 << 17));
  for (int v = 0; v < 8; ++v) {
    half[v] = _mm256_setzero_si256();
    if (!(rows_used >> v & 1)) continue;
    const __m128i row = load8(coefficients + v * 8);
    const auto products = [&](__m128i pair, int u) {
      return _mm256_madd_epi16(_mm256_broadcastd_epi32(pair), load(kBasisPairs.of[u]));
    };
    const __m256i sum = _mm256_add_epi32(
        _mm256_add_epi32(products(row, 0), products(_mm_shuffle_epi32(row, 1), 1)),
        _mm256_add_epi32(products(_mm_shuffle_epi32(row, 2), 2), products(_mm_shuffle_epi32(row, 3), 3)));
    half[v] = _mm256_max_epi32(_mm256_min_epi32(_mm256_srai_epi32(sum, 7), highest), lowest);
  }
  // A row and the one that mirrors it differ by the sign of the odd frequencies.
  for (int y = 0; y < 4; ++y) {
    const auto product = [&](int v) { return _mm256_mullo_epi32(half[v], _mm256_set1_epi32(kBasis.of[v][y])); };
    const __m256i even =
        _mm256_add_epi32(_mm256_add_epi32(product(0), product(2)), _mm256_add_epi32(product(4), product(6)));
    const __m256i odd =
        _mm256_add_epi32(_mm256_add_epi32(product(1), product(3)), _mm256_add_epi32(product(5), product(7)));
    const __m256i rounded = _mm256_add_epi32(even, _mm256_set1_epi32(1 << 11));
    const auto put = [&](int row, __m256i sum) {
      const __m256i limited = _mm256_max_epi32(
          _mm256_min_epi32(_mm256_srai_epi32(sum, 12), _mm256_set1_epi32(kMostPixel)), _mm256_set1_epi32(-kMostPixel));
      _mm_storeu_si128(reinterpret_cast<__m128i*>(pixels + row * 8), packed(limited));
    };
    put(y, _mm256_add_epi32(rounded, odd));
    put(7 - y, _mm256_sub_epi32(rounded, odd));
  }
}
#else
// The four lines.
VENEER_INLINE void lines_of(const Features& f, int16_t* of) {
  for (int i = 0; i < 8; ++i) {
    of[i] = f.left_row[i];
    of[8 + i] = f.above_column[i];
    of[16 + i] = f.row[i];
    of[24 + i] = f.column[i];
  }
  of[0] = f.left_first;
  of[8] = f.above_first;
}

VENEER_INLINE LevelSums predict_level(const Features& f, const int16_t* w) {
  int16_t of[32];
  lines_of(f, of);
  LevelSums s = {};
  for (int i = 0; i < 8; ++i) s.row += of[i] * w[i] + of[16 + i] * w[16 + i];
  for (int i = 8; i < 16; ++i) s.column += of[i] * w[i] + of[16 + i] * w[16 + i];
  for (int i = 0; i < 5; ++i) s.others += f.others[i] * w[32 + i];
  s.others += f.cb * w[37];
  return s;
}

VENEER_INLINE int32_t predict_magnitude(const Features& f, const int16_t* w) {
  int16_t of[kTaps];
  lines_of(f, of);
  for (int i = 0; i < 5; ++i) of[32 + i] = f.others[i];
  for (int i = 0; i < 3; ++i) of[37 + i] = f.of_magnitude[i];
  int32_t sum = 0;
  for (int i = 0; i < kTaps; ++i) sum += (of[i] < 0 ? -of[i] : of[i]) * w[i];
  return sum;
}

// A decision of kCount models: the models of each of its contexts; states and logits as they were when mixed.
struct Decision {
  BitModel* at[kMostTables];
  uint32_t state[kMostTables];
  int16_t logit[kLogits];
};

// The logit of node `node`, in 1/256, not limited.
template <int kCount>
VENEER_INLINE int32_t mix(int node, const Weights& a, const Weights& b, const Weights& c, Decision* d) {
  d->state[0] = d->at[0][node].state;
  const uint32_t begun = inherited(d->state[0]);
  for (int i = 1; i < kCount; ++i) d->state[i] = state_or(d->at[i][node].state, begun);
  for (int i = 0; i < kCount; ++i) d->logit[i] = kTables16.logit[d->state[i] >> 20];
  for (int i = kCount; i < kLogits - 1; ++i) d->logit[i] = 0;
  d->logit[kLogits - 1] = kConstantLogit;
  return veneer::mix<kLogits>(d->logit, a, b, &c);
}

// `scaled` is from weight_step().
template <int kCount>
VENEER_INLINE void learn(int node, int32_t scaled, int bit, const Decision& d, Weights* a, Weights* b, Weights* c) {
  move_weights<kLogits>(d.logit, scaled, a, b, c);
  for (int i = 0; i < kCount; ++i) {
    BitModel model{d.state[i]};
    model.update(bit);
    d.at[i][node] = model;
  }
}

void transform(const int16_t* coefficients, int rows_used, int16_t* pixels) {
  int32_t half[8][8];  // in 1/16 of a pixel
  for (int v = 0; v < 8; ++v) {
    int32_t sums[8] = {};
    for (int u = 0; u < 8 && (rows_used >> v & 1); ++u) {
      for (int x = 0; x < 8; ++x) sums[x] += coefficients[v * 8 + u] * kBasis.of[u][x];
    }
    for (int x = 0; x < 8; ++x) half[v][x] = bounded(sums[x] >> 7, -(1 << 17), 1 << 17);
  }
  for (int y = 0; y < 8; ++y) {
    int32_t sums[8] = {};
    for (int v = 0; v < 8; ++v) {
      for (int x = 0; x < 8; ++x) sums[x] += half[v][x] * kBasis.of[v][y];
    }
    for (int x = 0; x < 8; ++x)
      pixels[y * 8 + x] = static_cast<int16_t>(bounded((sums[x] + (1 << 11)) >> 12, -kMostPixel, kMostPixel));
  }
}
#endif

}  // namespace
}  // namespace veneer::jpeg::VENEER_TARGET
