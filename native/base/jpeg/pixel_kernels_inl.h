// Loops of pixel_kernels.h that a compiler makes SIMD of by itself; each target compiles its own.
//
// VENEER_TARGET names the namespace.
#pragma once
#include "base/jpeg/pixel_kernels.h"

namespace veneer::jpeg::VENEER_TARGET {
namespace {

constexpr int kSide = 8;       // of a block
constexpr int kFirstBits = 2;  // fraction bits that values keep between the two directions
constexpr int kFirstShift = kTransformBits - kFirstBits, kSecondShift = kTransformBits + kFirstBits + 3;

inline int32_t clamped(int32_t value, int32_t low, int32_t high) {
  return value < low ? low : value > high ? high : value;
}

inline uint8_t byte_of(int32_t value) { return static_cast<uint8_t>(clamped(value, 0, 255)); }

// Eight transforms of eight values at once: from[k][i] is frequency k of transform i, to[n][i] its value n. Sums are
// those of whole numbers: where a part of one leaves 32 bits, the sum itself does not.
inline void transform(const int32_t (*from)[kSide], int shift, int32_t (*to)[kSide]) {
  const uint32_t half = uint32_t{1} << (shift - 1);
  for (int i = 0; i < kSide; ++i) {
    const auto at = [&](int k) { return static_cast<uint32_t>(from[k][i]); };
    const uint32_t sum = (at(0) + at(4)) * 8192u + half, difference = (at(0) - at(4)) * 8192u + half;
    const uint32_t turned = (at(2) + at(6)) * 4433u, low = turned - at(6) * 15137u, high = turned + at(2) * 6270u;
    const uint32_t even[4] = {sum + high, difference + low, difference - low, sum - high};

    const uint32_t z5 = (at(7) + at(3) + at(5) + at(1)) * 9633u;
    const uint32_t z1 = (at(7) + at(1)) * 7373u, z2 = (at(5) + at(3)) * 20995u;
    const uint32_t z3 = z5 - (at(7) + at(3)) * 16069u, z4 = z5 - (at(5) + at(1)) * 3196u;
    const uint32_t odd[4] = {at(1) * 12299u - z1 + z4, at(3) * 25172u - z2 + z3, at(5) * 16819u - z2 + z4,
                             at(7) * 2446u - z1 + z3};
    for (int n = 0; n < 4; ++n) {
      to[n][i] = static_cast<int32_t>(even[n] + odd[n]) >> shift;
      to[kSide - 1 - n][i] = static_cast<int32_t>(even[n] - odd[n]) >> shift;
    }
  }
}

inline void inverse_block(const int16_t* levels, const int16_t* steps, uint8_t* samples, ptrdiff_t stride) {
  int32_t a[kSide][kSide], b[kSide][kSide];
  int any = 0;
  for (int i = 1; i < kSide * kSide; ++i) any |= levels[i];
  if (any == 0) {
    // Flat: both directions give the first coefficient again.
    const int32_t first = clamped(4 * clamped(levels[0] * steps[0], -32767, 32767), -32768, 32767);
    const uint8_t value = byte_of(((first + 16) >> 5) + 128);
    for (int y = 0; y < kSide; ++y) {
      for (int x = 0; x < kSide; ++x) samples[y * stride + x] = value;
    }
    return;
  }
  for (int y = 0; y < kSide; ++y) {
    for (int x = 0; x < kSide; ++x) {
      a[y][x] = clamped(levels[kSide * y + x] * steps[kSide * y + x], -32767, 32767);
    }
  }
  transform(a, kFirstShift, b);
  for (int y = 0; y < kSide; ++y) {
    for (int x = 0; x < kSide; ++x) a[x][y] = clamped(b[y][x], -32768, 32767);
  }
  transform(a, kSecondShift, b);
  for (int y = 0; y < kSide; ++y) {
    for (int x = 0; x < kSide; ++x) samples[y * stride + x] = byte_of(b[x][y] + 128);
  }
}

inline void across(const uint8_t* row, int count, uint8_t* out) {
  for (int i = 0; i < count; ++i) {
    out[2 * i] = static_cast<uint8_t>((3 * row[i] + row[i - 1] + 1) >> 2);
    out[2 * i + 1] = static_cast<uint8_t>((3 * row[i] + row[i + 1] + 2) >> 2);
  }
}

inline void down(const uint8_t* near, const uint8_t* far, int bias, int count, uint8_t* out) {
  for (int i = 0; i < count; ++i) out[i] = static_cast<uint8_t>((3 * near[i] + far[i] + bias) >> 2);
}

inline void both(const uint8_t* near, const uint8_t* far, int count, uint16_t* sums, uint8_t* out) {
  for (int i = 0; i < count + 2; ++i) sums[i] = static_cast<uint16_t>(3 * near[i - 1] + far[i - 1]);
  for (int i = 0; i < count; ++i) {
    out[2 * i] = static_cast<uint8_t>((3 * sums[i + 1] + sums[i] + 8) >> 4);
    out[2 * i + 1] = static_cast<uint8_t>((3 * sums[i + 1] + sums[i + 2] + 7) >> 4);
  }
}

constexpr int kPart = 64;  // pixels that are converted at a time

// R, G and B of at most kPart pixels. The constants are 1.402, 0.34414, 0.71414 and 1.772 in 1/2^16.
inline void convert(const uint8_t* y, const uint8_t* cb, const uint8_t* cr, int count, uint8_t (*out)[kPart]) {
  constexpr int kBits = 16, kHalf = 1 << (kBits - 1);
  for (int i = 0; i < count; ++i) {
    const int b = cb[i] - 128, r = cr[i] - 128;
    out[0][i] = byte_of(y[i] + ((91881 * r + kHalf) >> kBits));
    out[1][i] = byte_of(y[i] + ((-22554 * b - 46802 * r + kHalf) >> kBits));
    out[2][i] = byte_of(y[i] + ((116130 * b + kHalf) >> kBits));
  }
}

inline void interleave_from(int first, const uint8_t* r, const uint8_t* g, const uint8_t* b, int count, uint8_t* out) {
  for (int i = first; i < count; ++i) {
    out[3 * i] = r[i];
    out[3 * i + 1] = g[i];
    out[3 * i + 2] = b[i];
  }
}

}  // namespace
}  // namespace veneer::jpeg::VENEER_TARGET
