// What takes the time of making pixels of a JPEG: a function table per SIMD target.
//
// Place: beneath pixels.cpp. Every target gives the same bits.
// Source: docs/format.md, "Pixels of a JPEG".
#pragma once
#include <cstddef>
#include <cstdint>

namespace veneer::jpeg {

// Constants of the inverse transform, in 1/2^13.
constexpr int kTransformBits = 13;
constexpr int kSteps = 64;  // of a quantization table

struct PixelKernels {
  // Samples of `count` blocks side by side.
  //   levels: [count][64]; steps: 64 of 0..32767, in natural order; samples: 8 rows of 8 * count bytes.
  void (*inverse)(const int16_t* levels, const int16_t* steps, int count, uint8_t* samples, ptrdiff_t stride);

  // A row twice as wide by the triangle filter: out[0 .. 2 * count - 1] of row[-1 .. count].
  void (*across)(const uint8_t* row, int count, uint8_t* out);

  // The same between two rows, of which `near` counts three times: `bias` is 1 where `far` is above, else 2.
  void (*down)(const uint8_t* near, const uint8_t* far, int bias, int count, uint8_t* out);

  // The same in both directions: out[0 .. 2 * count - 1]. `sums` has space for count + 2.
  void (*both)(const uint8_t* near, const uint8_t* far, int count, uint16_t* sums, uint8_t* out);

  // Pixels R, G, B of components: those of luma and chroma, or R, G and B themselves.
  void (*from_ycc)(const uint8_t* y, const uint8_t* cb, const uint8_t* cr, int count, uint8_t* out);
  void (*from_rgb)(const uint8_t* r, const uint8_t* g, const uint8_t* b, int count, uint8_t* out);
};

const PixelKernels& plain_pixel_kernels();
// Null where the build has no AVX2.
const PixelKernels* avx2_pixel_kernels();

// Those of the target of kernels(), base/dct.h.
const PixelKernels& pixel_kernels();

}  // namespace veneer::jpeg
