// Normative constants of intra prediction.
//
// Place: shared by the scalar and the SIMD kernels. Source: docs/format.md, "Prediction".
#pragma once
#include <cstdint>

namespace veneer {

// 32 tan of the angle from the vertical (for the second family from the horizontal), which runs from -36 to 45 degrees
// for the first family and from -45 to 36 for the second. Normative.
inline constexpr int kSlopes[2][10] = {{-24, -16, -10, -5, 0, 5, 10, 16, 24, 32},
                                       {-32, -24, -16, -10, -5, 0, 5, 10, 16, 24}};

// round(256 * 32 / |slope|).
static constexpr int inverse_slope(int slope) { return (256 * 32 - slope / 2) / -slope; }

// Four-tap interpolation at f / 32 between taps 1 and 2, in 1/64: Catmull-Rom for small blocks, a triangle
// smoothed by (1 2 1) for large ones. Normative.
struct Filters {
  int16_t tap[2][32][4];  // [smooth][f]
};
static constexpr int round_div(int value, int by) {
  return value >= 0 ? (value + by / 2) / by : -((-value + by / 2) / by);
}
static constexpr Filters make_filters() {
  Filters t{};
  for (int f = 0; f < 32; ++f) {
    // Catmull-Rom at x = f / 32: multiples of 1 / 65536, rounded to 1 / 64; tap 1 takes what is left.
    const int x = f, x2 = f * f, x3 = f * f * f;
    const int a = round_div(-x3 + 64 * x2 - 1024 * x, 1024);
    const int c = round_div(-3 * x3 + 128 * x2 + 1024 * x, 1024);
    const int d = round_div(x3 - 32 * x2, 1024);
    t.tap[0][f][0] = static_cast<int16_t>(a);
    t.tap[0][f][1] = static_cast<int16_t>(64 - a - c - d);
    t.tap[0][f][2] = static_cast<int16_t>(c);
    t.tap[0][f][3] = static_cast<int16_t>(d);
    t.tap[1][f][0] = static_cast<int16_t>(16 - f / 2);
    t.tap[1][f][1] = static_cast<int16_t>(32 - f / 2);
    t.tap[1][f][2] = static_cast<int16_t>(16 + f / 2);
    t.tap[1][f][3] = static_cast<int16_t>(f / 2);
  }
  return t;
}
inline constexpr Filters kFilters = make_filters();

// Weight of an edge in 1/64 at a distance of i samples, zero from 3 << scale on.
static constexpr int blend_scale(int log2_w, int log2_h) { return (log2_w + log2_h - 2) >> 2; }
struct BlendWeights {
  int16_t at[3][80];  // [scale][i]; zeros at the end for vectors that begin inside
};
static constexpr BlendWeights make_blend_weights() {
  BlendWeights t{};
  for (int scale = 0; scale < 3; ++scale) {
    for (int i = 0; i < 3 << scale; ++i) t.at[scale][i] = static_cast<int16_t>(32 >> ((2 * i) >> scale));
  }
  return t;
}
inline constexpr BlendWeights kBlendWeights = make_blend_weights();

}  // namespace veneer
