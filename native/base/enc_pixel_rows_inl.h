// Colour conversion of rows of pixels, as loops that a compiler makes vectors of.
//
// Place: included by enc_kernels_<target>.cpp, and so compiled once for each target with its instructions.
// Source: docs/format.md, "Colour".
#pragma once
#include <cstdint>

namespace veneer::VENEER_TARGET {
namespace {

inline void load_colour(const uint8_t* __restrict rgb, int n, int16_t* __restrict luma, int16_t* __restrict co,
                        int16_t* __restrict cg) {
  for (int x = 0; x < n; ++x) {
    const int16_t r = rgb[3 * x], g = rgb[3 * x + 1], b = rgb[3 * x + 2];
    luma[x] = static_cast<int16_t>(r + 2 * g + b);
    co[x] = static_cast<int16_t>(2 * (r - b));
    cg[x] = static_cast<int16_t>(2 * g - r - b);
  }
}

}  // namespace
}  // namespace veneer::VENEER_TARGET
