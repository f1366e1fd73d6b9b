// Groups of 16 samples of a block in one vector of AVX2.
//
// Place: included after dct_lanes_x86.h, whose loads it uses, by the kernels that go through blocks of any width.
#pragma once
#include <immintrin.h>

#include <cstddef>
#include <cstdint>

namespace veneer::VENEER_TARGET {
namespace {

inline __m256i join(__m128i low, __m128i high) { return _mm256_inserti128_si256(_mm256_castsi128_si256(low), high, 1); }

inline __m128i load4x2(const int16_t* p, ptrdiff_t stride) { return _mm_unpacklo_epi64(load4(p), load4(p + stride)); }

// 16 samples of a block: 4 rows of 4, 2 rows of 8 or part of a row.
template <int kWidth>
inline __m256i load_group(const int16_t* p, ptrdiff_t stride) {
  if constexpr (kWidth == 4) {
    return join(load4x2(p, stride), load4x2(p + 2 * stride, stride));
  } else if constexpr (kWidth == 8) {
    return join(load8(p), load8(p + stride));
  } else {
    return load16(p);
  }
}

}  // namespace
}  // namespace veneer::VENEER_TARGET
