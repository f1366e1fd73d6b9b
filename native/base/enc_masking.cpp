#include "enc_masking.h"

#include <algorithm>

#include "common/bits.h"

namespace veneer {
namespace {

// 16 log2(x + 1), rounded down.
int log2_sixteenths(uint64_t x) {
  ++x;
  int whole = highest_bit_64(x);
  uint64_t mantissa = whole > 31 ? x >> (whole - 31) : x << (31 - whole);  // [2^31, 2^32)
  int fraction = 0;
  for (int i = 0; i < 4; ++i) {
    mantissa = (mantissa * mantissa) >> 31;
    fraction <<= 1;
    if (mantissa >> 32) {
      mantissa >>= 1;
      fraction |= 1;
    }
  }
  return whole * 16 + fraction;
}

// Variance of an 8x8 block of luma (less at the picture's ends), in squared 8-bit levels.
uint64_t block_variance(const Tile& source, int x, int y) {
  const int w = std::min(8, source.width - x), h = std::min(8, source.height - y);
  int64_t sum = 0, squares = 0;
  for (int r = 0; r < h; ++r) {
    const int16_t* row = source.at(0, x, y + r);
    for (int c = 0; c < w; ++c) {
      sum += row[c];
      squares += row[c] * row[c];
    }
  }
  const int64_t n = static_cast<int64_t>(w) * h;
  return static_cast<uint64_t>((squares * n - sum * sum) / (n * n) / 16);
}

}  // namespace

std::vector<int8_t> masking_offsets(const Tile& source, int log2_group, const MaskingSettings& settings) {
  const int group = 1 << log2_group;
  std::vector<int8_t> offsets;
  for (int y = 0; y < source.height; y += group) {
    for (int x = 0; x < source.width; x += group) {
      // Mean of the blocks' log variance: one edge in a smooth area does not hide errors in all of it.
      int sum = 0, count = 0;
      for (int by = y; by < std::min(y + group, source.height); by += 8) {
        for (int bx = x; bx < std::min(x + group, source.width); bx += 8) {
          sum += log2_sixteenths(block_variance(source, bx, by));
          ++count;
        }
      }
      const int difference = sum / count - settings.reference;  // sixteenths of an octave of variance
      const int scaled = difference * settings.strength;
      const int offset = (scaled >= 0 ? scaled + 128 : scaled - 128) / 256;
      offsets.push_back(static_cast<int8_t>(std::clamp(offset, -settings.limit, settings.limit)));
    }
  }
  return offsets;
}

}  // namespace veneer
