// Colour conversion of rows to pixels, as loops that a compiler makes vectors of.
//
// Place: included by prediction_<target>.cpp, and so compiled once for each target with its instructions.
// Source: docs/format.md, "Colour".
#pragma once
#include <cstddef>
#include <cstdint>

namespace veneer::VENEER_TARGET {
namespace {

// Any int16 is a legal luma or chroma here: the sums take 32 bits.
inline uint8_t colour_sample(int value) {
  const int rounded = (value + 2) >> 2;
  return static_cast<uint8_t>(rounded < 0 ? 0 : rounded > 255 ? 255 : rounded);
}

inline void store_colour(const int16_t* __restrict luma, const int16_t* __restrict co, const int16_t* __restrict cg,
                         int n, uint8_t* __restrict rgb) {
  for (int x = 0; x < n; ++x) {
    const int y = luma[x], o = co[x], g = cg[x];
    rgb[3 * x] = colour_sample(y - g + o);
    rgb[3 * x + 1] = colour_sample(y + g);
    rgb[3 * x + 2] = colour_sample(y - g - o);
  }
}

}  // namespace
}  // namespace veneer::VENEER_TARGET
