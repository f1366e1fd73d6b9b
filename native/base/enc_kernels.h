// Kernels that the encoder alone calls: forward transforms, block metrics, sums over samples.
//
// Place: beside the kernels of dct.h and prediction_kernels.h, which decoding needs; enc_kernels_dispatch.cpp chooses those
// of the same target. Every target gives the same values.
#pragma once
#include <cstddef>
#include <cstdint>

#include "base/dct.h"

namespace veneer {

// For least squares of chroma against luma.
struct ChromaSums {
  int64_t luma, chroma, luma_luma, luma_chroma;
};

struct EncoderKernels {
  const char* name;  // as in TransformKernels

  // Forward transform, exact as the inverse is: coefficients with 4 more fractional bits than the inverse
  // takes (a flat block of value A gives 256 A), [min(H,32)][min(W,32)]. Rows (horizontal) first:
  //   t = (sum_x B[u][x] r[y][x] + round) >> (8 + log2_w)        (8 A for a flat row of value A)
  //   c = (sum_y B[v][y] t[y][u] + round) >> (6 + log2_h)        (256 A; int32)
  // where round is half of the divisor. |r| <= 2047, hence |t| <= 16376; other input gives meaningless
  // coefficients that may differ between targets.
  void (*forward)(const int16_t* residual, ptrdiff_t stride, int log2_w, int log2_h, Tx horizontal, Tx vertical,
                  int32_t* coef);

  // Sum of squared differences of two W x H blocks; |a - b| < 2^15.
  int64_t (*sse)(const int16_t* a, ptrdiff_t stride_a, const int16_t* b, ptrdiff_t stride_b, int w, int h);

  // Sum of absolute Hadamard coefficients over 4x4 (if w or h is 4) or 8x8 blocks of a - b, unnormalized
  // butterflies, then normalized to the scale of a sum of absolute differences: 4x4 sums / 2, 8x8 sums / 4
  // (integer division of each block's sum, rounding to nearest); |a - b| <= 2047.
  int64_t (*satd)(const int16_t* a, ptrdiff_t stride_a, const int16_t* b, ptrdiff_t stride_b, int w, int h);

  // out[h][w] = source - prediction[h][w]; w and h are powers of two in 4..64.
  void (*subtract)(const int16_t* source, ptrdiff_t stride, const int16_t* prediction, int w, int h, int16_t* out);

  // Over a block of samples of luma (0..1023) and chroma (-511..511), sides as above.
  ChromaSums (*chroma_sums)(const int16_t* luma, const int16_t* chroma, ptrdiff_t stride_luma, ptrdiff_t stride_chroma,
                            int w, int h);

  // n pixels of three interleaved channels to luma, Co and Cg.
  void (*load_colour)(const uint8_t* rgb, int n, int16_t* luma, int16_t* co, int16_t* cg);
};

const EncoderKernels& scalar_encoder_kernels();
// Kernels by name, as find_kernels().
const EncoderKernels* find_encoder_kernels(const char* name);
// Those of the target whose kernels() are in use.
const EncoderKernels& encoder_kernels();

}  // namespace veneer
