// AVX2 kernels of the pixels of a JPEG; the target avx512 has them too.
#include "base/jpeg/pixel_kernels.h"

#if defined(__AVX2__) && (defined(__x86_64__) || defined(_M_X64))
#include <immintrin.h>

#define VENEER_TARGET pixels_avx2
#include "base/jpeg/pixel_kernels_inl.h"

namespace veneer::jpeg {
namespace pixels_avx2 {
namespace {

// A pair of constants for _mm256_madd_epi16.
__m256i pair(int first, int second) {
  return _mm256_set1_epi32(
      static_cast<int>(static_cast<uint32_t>(second) << 16 | (static_cast<uint32_t>(first) & 0xffff)));
}

// 32-bit values of two blocks: of columns 0..3 and of columns 4..7.
struct Wide {
  __m256i low, high;
};

Wide operator+(const Wide& a, const Wide& b) {
  return {_mm256_add_epi32(a.low, b.low), _mm256_add_epi32(a.high, b.high)};
}
Wide operator-(const Wide& a, const Wide& b) {
  return {_mm256_sub_epi32(a.low, b.low), _mm256_sub_epi32(a.high, b.high)};
}

// Two rows of coefficients, ready to be weighted with a pair of constants.
struct Pairs {
  __m256i low, high;
  Pairs(__m256i a, __m256i b) : low(_mm256_unpacklo_epi16(a, b)), high(_mm256_unpackhi_epi16(a, b)) {}
  Wide times(__m256i constants) const {
    return {_mm256_madd_epi16(low, constants), _mm256_madd_epi16(high, constants)};
  }
};

template <int kShift>
__m256i rounded(const Wide& value) {
  return _mm256_packs_epi32(_mm256_srai_epi32(value.low, kShift), _mm256_srai_epi32(value.high, kShift));
}

// As transform() of the portable kernels, of the columns of two blocks: v[k] has row k of both. Every product of a pair
// and every sum fits 32 bits.
template <int kShift>
void transform_two(__m256i v[kSide]) {
  const __m256i half = _mm256_set1_epi32(1 << (kShift - 1));
  const Pairs p04(v[0], v[4]), p26(v[2], v[6]), p13(v[1], v[3]), p57(v[5], v[7]);
  const Wide round = {half, half};
  const Wide sum = p04.times(pair(8192, 8192)) + round, difference = p04.times(pair(8192, -8192)) + round;
  const Wide high = p26.times(pair(10703, 4433)), low = p26.times(pair(4433, -10704));
  const Wide odd[4] = {p13.times(pair(11363, 9633)) + p57.times(pair(6437, 2260)),
                       p13.times(pair(9633, -2259)) + p57.times(pair(-11362, -6436)),
                       p13.times(pair(6437, -11362)) + p57.times(pair(2261, 9633)),
                       p13.times(pair(2260, -6436)) + p57.times(pair(9633, -11363))};
  const Wide even[4] = {sum + high, difference + low, difference - low, sum - high};
  for (int n = 0; n < 4; ++n) {
    v[n] = rounded<kShift>(even[n] + odd[n]);
    v[kSide - 1 - n] = rounded<kShift>(even[n] - odd[n]);
  }
}

void transpose_two(__m256i v[kSide]) {
  __m256i a[kSide], b[kSide];
  for (int i = 0; i < 4; ++i) {
    a[2 * i] = _mm256_unpacklo_epi16(v[2 * i], v[2 * i + 1]);
    a[2 * i + 1] = _mm256_unpackhi_epi16(v[2 * i], v[2 * i + 1]);
  }
  for (int i = 0; i < 2; ++i) {
    b[4 * i] = _mm256_unpacklo_epi32(a[4 * i], a[4 * i + 2]);
    b[4 * i + 1] = _mm256_unpackhi_epi32(a[4 * i], a[4 * i + 2]);
    b[4 * i + 2] = _mm256_unpacklo_epi32(a[4 * i + 1], a[4 * i + 3]);
    b[4 * i + 3] = _mm256_unpackhi_epi32(a[4 * i + 1], a[4 * i + 3]);
  }
  for (int i = 0; i < 4; ++i) {
    v[2 * i] = _mm256_unpacklo_epi64(b[i], b[i + 4]);
    v[2 * i + 1] = _mm256_unpackhi_epi64(b[i], b[i + 4]);
  }
}

__m256i rows_of(const int16_t* first, const int16_t* second) {
  return _mm256_inserti128_si256(_mm256_castsi128_si256(_mm_loadu_si128(reinterpret_cast<const __m128i*>(first))),
                                 _mm_loadu_si128(reinterpret_cast<const __m128i*>(second)), 1);
}

// Coefficients: levels times steps within +-32767.
__m256i coefficients(__m256i levels, const int16_t* steps) {
  const __m256i step = _mm256_broadcastsi128_si256(_mm_loadu_si128(reinterpret_cast<const __m128i*>(steps)));
  const __m256i low = _mm256_mullo_epi16(levels, step), high = _mm256_mulhi_epi16(levels, step);
  const __m256i all = _mm256_packs_epi32(_mm256_unpacklo_epi16(low, high), _mm256_unpackhi_epi16(low, high));
  return _mm256_max_epi16(all, _mm256_set1_epi16(-32767));
}

// Of two blocks side by side.
void inverse_two(const int16_t* levels, const int16_t* steps, uint8_t* samples, ptrdiff_t stride) {
  __m256i v[kSide];
  for (int k = 0; k < kSide; ++k) v[k] = rows_of(levels + kSide * k, levels + kSteps + kSide * k);
  // Rows but the first, and all of the first but its first value.
  __m256i rest = _mm256_srli_si256(v[0], 2);
  for (int k = 1; k < kSide; ++k) rest = _mm256_or_si256(rest, v[k]);
  if (_mm256_testz_si256(rest, rest)) {
    inverse_block(levels, steps, samples, stride);
    inverse_block(levels + kSteps, steps, samples + kSide, stride);
    return;
  }
  for (int k = 0; k < kSide; ++k) v[k] = coefficients(v[k], steps + kSide * k);
  transform_two<kFirstShift>(v);
  transpose_two(v);
  transform_two<kSecondShift>(v);
  transpose_two(v);
  const __m256i middle = _mm256_set1_epi16(128);
  for (int y = 0; y < kSide; y += 2) {
    const __m256i bytes = _mm256_packus_epi16(_mm256_adds_epi16(v[y], middle), _mm256_adds_epi16(v[y + 1], middle));
    // Rows y of both blocks, then rows y + 1.
    const __m256i rows = _mm256_permute4x64_epi64(bytes, 0xd8);
    _mm_storeu_si128(reinterpret_cast<__m128i*>(samples + y * stride), _mm256_castsi256_si128(rows));
    _mm_storeu_si128(reinterpret_cast<__m128i*>(samples + (y + 1) * stride), _mm256_extracti128_si256(rows, 1));
  }
}

void inverse(const int16_t* levels, const int16_t* steps, int count, uint8_t* samples, ptrdiff_t stride) {
  int i = 0;
  for (; i + 2 <= count; i += 2) inverse_two(levels + kSteps * i, steps, samples + kSide * i, stride);
  if (i < count) inverse_block(levels + kSteps * i, steps, samples + kSide * i, stride);
}

// Bytes of 16 pixels in their place among three times as many.
void interleave_16(const uint8_t* r, const uint8_t* g, const uint8_t* b, uint8_t* out) {
  const auto load = [](const uint8_t* from) { return _mm_loadu_si128(reinterpret_cast<const __m128i*>(from)); };
  const __m128i order_r = _mm_setr_epi8(0, 11, 6, 1, 12, 7, 2, 13, 8, 3, 14, 9, 4, 15, 10, 5),
                order_g = _mm_setr_epi8(5, 0, 11, 6, 1, 12, 7, 2, 13, 8, 3, 14, 9, 4, 15, 10),
                order_b = _mm_setr_epi8(10, 5, 0, 11, 6, 1, 12, 7, 2, 13, 8, 3, 14, 9, 4, 15);
  const __m128i x = _mm_shuffle_epi8(load(r), order_r), y = _mm_shuffle_epi8(load(g), order_g),
                z = _mm_shuffle_epi8(load(b), order_b);
  const __m128i second = _mm_setr_epi8(0, -1, 0, 0, -1, 0, 0, -1, 0, 0, -1, 0, 0, -1, 0, 0),
                third = _mm_setr_epi8(0, 0, -1, 0, 0, -1, 0, 0, -1, 0, 0, -1, 0, 0, -1, 0);
  auto* to = reinterpret_cast<__m128i*>(out);
  _mm_storeu_si128(to, _mm_blendv_epi8(_mm_blendv_epi8(x, y, second), z, third));
  _mm_storeu_si128(to + 1, _mm_blendv_epi8(_mm_blendv_epi8(y, z, second), x, third));
  _mm_storeu_si128(to + 2, _mm_blendv_epi8(_mm_blendv_epi8(z, x, second), y, third));
}

void from_rgb(const uint8_t* r, const uint8_t* g, const uint8_t* b, int count, uint8_t* out) {
  int i = 0;
  for (; i + 16 <= count; i += 16) interleave_16(r + i, g + i, b + i, out + 3 * i);
  interleave_from(i, r, g, b, count, out);
}

void from_ycc(const uint8_t* y, const uint8_t* cb, const uint8_t* cr, int count, uint8_t* out) {
  uint8_t part[3][kPart];
  for (int i = 0; i < count; i += kPart) {
    const int size = count - i < kPart ? count - i : kPart;
    convert(y + i, cb + i, cr + i, size, part);
    from_rgb(part[0], part[1], part[2], size, out + 3 * i);
  }
}

}  // namespace
}  // namespace pixels_avx2

const PixelKernels* avx2_pixel_kernels() {
  using namespace pixels_avx2;
  static const PixelKernels table = {inverse, across, down, both, from_ycc, from_rgb};
  return &table;
}

}  // namespace veneer::jpeg

#else

namespace veneer::jpeg {

const PixelKernels* avx2_pixel_kernels() { return nullptr; }

}  // namespace veneer::jpeg

#endif
