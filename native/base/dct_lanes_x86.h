// Vector operations of the block transforms on AVX2 and AVX-512: columns of a block are lanes.
//
// Place: included by dct_avx2.cpp and dct_avx512.cpp before dct_inl.h, which documents what a Lanes type
// provides. AVX-512 shares the code of narrow blocks, with one instruction instead of a few where it has
// one, and adds Lanes16.
#pragma once
#include <immintrin.h>

#include <cstdint>
#include <cstring>

#include "common/unroll.h"

namespace veneer::VENEER_TARGET {
namespace {

inline int32_t load_pair(const int16_t* pair) {
  int32_t both;
  std::memcpy(&both, pair, sizeof(both));
  return both;
}

inline __m128i load8(const int16_t* p) { return _mm_loadu_si128(reinterpret_cast<const __m128i*>(p)); }
inline __m128i load4(const int16_t* p) { return _mm_loadl_epi64(reinterpret_cast<const __m128i*>(p)); }
inline void store8(int16_t* p, __m128i v) { _mm_storeu_si128(reinterpret_cast<__m128i*>(p), v); }
inline void store4(int16_t* p, __m128i v) { _mm_storel_epi64(reinterpret_cast<__m128i*>(p), v); }
inline __m256i load16(const int16_t* p) { return _mm256_loadu_si256(reinterpret_cast<const __m256i*>(p)); }
inline void store16(int16_t* p, __m256i v) { _mm256_storeu_si256(reinterpret_cast<__m256i*>(p), v); }

struct Lanes4 {
  static constexpr int kLanes = 4;
  using Row = __m128i;  // the low half
  using Zip = __m128i;
  using Acc = __m128i;

  static Row load(const int16_t* p) { return load4(p); }
  static void store(int16_t* p, Row v) { store4(p, v); }
  static Row zero() { return _mm_setzero_si128(); }
  static Row add(Row a, Row b) { return _mm_add_epi16(a, b); }
  static Row sub(Row a, Row b) { return _mm_sub_epi16(a, b); }
  static Row both(Row a, Row b) { return _mm_and_si128(a, b); }
  static Zip zip(Row a, Row b) { return _mm_unpacklo_epi16(a, b); }
  static Acc constant(int32_t v) { return _mm_set1_epi32(v); }
  static Acc mul(Zip z, const int16_t* pair) { return _mm_madd_epi16(z, _mm_set1_epi32(load_pair(pair))); }
  static Acc mac(Acc sum, Zip z, const int16_t* pair) {
#if defined(__AVX512VNNI__)
    return _mm_dpwssd_epi32(sum, z, _mm_set1_epi32(load_pair(pair)));
#else
    return _mm_add_epi32(sum, mul(z, pair));
#endif
  }
  static Acc plus(Acc a, Acc b) { return _mm_add_epi32(a, b); }
  static Acc minus(Acc a, Acc b) { return _mm_sub_epi32(a, b); }
  template <int kShift>
  static Row narrow(Acc a) {
    const __m128i shifted = _mm_srai_epi32(a, kShift);
    return _mm_packs_epi32(shifted, shifted);
  }
  template <int kShift>
  static void store32(int32_t* p, Acc a) {
    _mm_storeu_si128(reinterpret_cast<__m128i*>(p), _mm_srai_epi32(a, kShift));
  }
  static void transpose(Row* rows) {
    const __m128i ab = _mm_unpacklo_epi16(rows[0], rows[1]), cd = _mm_unpacklo_epi16(rows[2], rows[3]);
    rows[0] = _mm_unpacklo_epi32(ab, cd);
    rows[1] = _mm_unpackhi_epi64(rows[0], rows[0]);
    rows[2] = _mm_unpackhi_epi32(ab, cd);
    rows[3] = _mm_unpackhi_epi64(rows[2], rows[2]);
  }
};

struct Lanes8 {
  static constexpr int kLanes = 8;
  using Row = __m128i;
  using Zip = __m256i;  // pairs of lanes 0..7 in order
  using Acc = __m256i;

  static Row load(const int16_t* p) { return load8(p); }
  static void store(int16_t* p, Row v) { store8(p, v); }
  static Row zero() { return _mm_setzero_si128(); }
  static Row add(Row a, Row b) { return _mm_add_epi16(a, b); }
  static Row sub(Row a, Row b) { return _mm_sub_epi16(a, b); }
  static Row join(__m128i low, __m128i high) { return _mm_unpacklo_epi64(low, high); }
  static __m128i low(Row a) { return a; }
  static __m128i high(Row a) { return _mm_unpackhi_epi64(a, a); }
  static Row both(Row a, Row b) { return _mm_and_si128(a, b); }
  static Zip zip(Row a, Row b) {
    return _mm256_inserti128_si256(_mm256_castsi128_si256(_mm_unpacklo_epi16(a, b)), _mm_unpackhi_epi16(a, b), 1);
  }
  static Acc constant(int32_t v) { return _mm256_set1_epi32(v); }
  static Acc mul(Zip z, const int16_t* pair) { return _mm256_madd_epi16(z, _mm256_set1_epi32(load_pair(pair))); }
  static Acc mac(Acc sum, Zip z, const int16_t* pair) {
#if defined(__AVX512VNNI__)
    return _mm256_dpwssd_epi32(sum, z, _mm256_set1_epi32(load_pair(pair)));
#else
    return _mm256_add_epi32(sum, mul(z, pair));
#endif
  }
  static Acc plus(Acc a, Acc b) { return _mm256_add_epi32(a, b); }
  static Acc minus(Acc a, Acc b) { return _mm256_sub_epi32(a, b); }
  template <int kShift>
  static Row narrow(Acc a) {
    const __m256i shifted = _mm256_srai_epi32(a, kShift);
    return _mm_packs_epi32(_mm256_castsi256_si128(shifted), _mm256_extracti128_si256(shifted, 1));
  }
  template <int kShift>
  static void store32(int32_t* p, Acc a) {
    _mm256_storeu_si256(reinterpret_cast<__m256i*>(p), _mm256_srai_epi32(a, kShift));
  }
  static void transpose(Row* rows) {
    __m256i pairs[4];  // row i, row i + 4
    VENEER_UNROLL(4)
    for (int i = 0; i < 4; ++i) pairs[i] = _mm256_inserti128_si256(_mm256_castsi128_si256(rows[i]), rows[i + 4], 1);
    const __m256i ab_low = _mm256_unpacklo_epi16(pairs[0], pairs[1]);
    const __m256i ab_high = _mm256_unpackhi_epi16(pairs[0], pairs[1]);
    const __m256i cd_low = _mm256_unpacklo_epi16(pairs[2], pairs[3]);
    const __m256i cd_high = _mm256_unpackhi_epi16(pairs[2], pairs[3]);
    const __m256i columns[4] = {_mm256_unpacklo_epi32(ab_low, cd_low), _mm256_unpackhi_epi32(ab_low, cd_low),
                                _mm256_unpacklo_epi32(ab_high, cd_high), _mm256_unpackhi_epi32(ab_high, cd_high)};
    VENEER_UNROLL(4)
    for (int i = 0; i < 4; ++i) {
      const __m256i both = _mm256_permute4x64_epi64(columns[i], 0xd8);  // column 2i, column 2i + 1
      rows[2 * i] = _mm256_castsi256_si128(both);
      rows[2 * i + 1] = _mm256_extracti128_si256(both, 1);
    }
  }
};

#if defined(__AVX512BW__)
struct Lanes16 {
  static constexpr int kLanes = 16;
  using Row = __m256i;
  using Zip = __m512i;  // pairs of lanes 0..15 in order
  using Acc = __m512i;

  static Row load(const int16_t* p) { return load16(p); }
  static void store(int16_t* p, Row v) { store16(p, v); }
  static Row zero() { return _mm256_setzero_si256(); }
  static Row add(Row a, Row b) { return _mm256_add_epi16(a, b); }
  static Row sub(Row a, Row b) { return _mm256_sub_epi16(a, b); }
  static Zip zip(Row a, Row b) {
    // Even 16-bit lanes from a, odd ones from b (whose numbers start at 32).
    const __m512i order = _mm512_add_epi32(
        _mm512_setr_epi32(0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15),
        _mm512_slli_epi32(_mm512_setr_epi32(32, 33, 34, 35, 36, 37, 38, 39, 40, 41, 42, 43, 44, 45, 46, 47), 16));
    return _mm512_permutex2var_epi16(_mm512_castsi256_si512(a), order, _mm512_castsi256_si512(b));
  }
  static Acc constant(int32_t v) { return _mm512_set1_epi32(v); }
  static Acc mul(Zip z, const int16_t* pair) { return _mm512_madd_epi16(z, _mm512_set1_epi32(load_pair(pair))); }
  static Acc mac(Acc sum, Zip z, const int16_t* pair) {
    return _mm512_dpwssd_epi32(sum, z, _mm512_set1_epi32(load_pair(pair)));
  }
  static Acc plus(Acc a, Acc b) { return _mm512_add_epi32(a, b); }
  static Acc minus(Acc a, Acc b) { return _mm512_sub_epi32(a, b); }
  template <int kShift>
  static Row narrow(Acc a) {
    return _mm512_cvtsepi32_epi16(_mm512_srai_epi32(a, kShift));
  }
  template <int kShift>
  static void store32(int32_t* p, Acc a) {
    _mm512_storeu_si512(p, _mm512_srai_epi32(a, kShift));
  }
};
using WidestLanes = Lanes16;
#else
using WidestLanes = Lanes8;
#endif

inline void fill(int16_t* dst, int count, int16_t value) {
  const __m256i all = _mm256_set1_epi16(value);
  for (int i = 0; i < count; i += 16) store16(dst + i, all);
}

}  // namespace
}  // namespace veneer::VENEER_TARGET
