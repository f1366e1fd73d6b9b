// Reconstruction of blocks on SIMD128 of WebAssembly.
//
// Place: included by dct_simd128.cpp. Source: dct.h, TransformKernels.
#pragma once
#include <wasm_simd128.h>

#include <cstddef>
#include <cstdint>

namespace veneer::VENEER_TARGET {
namespace {

inline void add_residual(const int16_t* prediction, ptrdiff_t prediction_stride, const int16_t* residual, int w, int h,
                         int low, int high, int16_t* recon, ptrdiff_t recon_stride) {
  // Saturation to int16 before the clamp changes nothing, the limits being int16.
  const v128_t lowest = wasm_i16x8_splat(static_cast<int16_t>(low));
  const v128_t highest = wasm_i16x8_splat(static_cast<int16_t>(high));
  const auto sum = [&](v128_t a, v128_t b) {
    return wasm_i16x8_min(wasm_i16x8_max(wasm_i16x8_add_sat(a, b), lowest), highest);
  };
  for (int y = 0; y < h; ++y, prediction += prediction_stride, residual += w, recon += recon_stride) {
    int x = 0;
    for (; x + 8 <= w; x += 8) {
      wasm_v128_store(recon + x, sum(wasm_v128_load(prediction + x), wasm_v128_load(residual + x)));
    }
    if (x < w) {
      const v128_t four = sum(wasm_v128_load64_zero(prediction + x), wasm_v128_load64_zero(residual + x));
      wasm_v128_store64_lane(recon + x, four, 0);
    }
  }
}

}  // namespace
}  // namespace veneer::VENEER_TARGET
