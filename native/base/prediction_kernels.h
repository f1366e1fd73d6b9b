// Intra prediction and the other per-sample work around it: function table, one per SIMD target.
//
// Place: prediction.cpp, colour.cpp, neighbourhood.cpp and the encoder call these through prediction_kernels();
// dct_dispatch.cpp chooses the table together with that of the transforms. Every target gives the same bits.
// Source: docs/format.md, "Prediction", "Colour" and "Neighbour cells".
#pragma once
#include <cstddef>
#include <cstdint>

#include "base/contexts.h"

namespace veneer {

struct PredictionKernels {
  const char* name;  // as in TransformKernels

  // The functions of prediction.h with the edges as arrays: `top` and `left` are those of Edges.
  void (*predict)(int mode, const int16_t* top, const int16_t* left, int log2_w, int log2_h, int16_t* out,
                  ptrdiff_t stride);
  // Samples may have any values within +-16383 of each other; differences and their sums fit int16.
  void (*predict_from_luma)(int alpha, const int16_t* top, const int16_t* left, const int16_t* luma,
                            ptrdiff_t luma_stride, int log2_w, int log2_h, int widest, int16_t* out, ptrdiff_t stride);

  // out = clamp(base + ((s (luma - mean[0]) + t (co - mean[1]) + 128) >> 8)) to +-widest; |s|, |t| <= 512.
  void (*predict_by_slopes)(int s, int t, const int* mean, int base, const int16_t* luma, const int16_t* co,
                            ptrdiff_t plane_stride, int log2_w, int log2_h, int widest, int16_t* out, ptrdiff_t stride);

  // Luma, Co and Cg to n pixels of three interleaved channels.
  void (*store_colour)(const int16_t* luma, const int16_t* co, const int16_t* cg, int n, uint8_t* rgb);

  // The smoothed cells of gather_expectation(), at least one side being available; returns four times the sum of
  // the cells before smoothing. Counts of units are powers of two up to 16.
  int (*expected_cells)(const UnitCells* top, int top_units, const UnitCells* left, int left_units, size_t stride,
                        uint16_t* cell);
};

const PredictionKernels& scalar_prediction_kernels();
// The same choice as that of find_kernels(), kernels() and force_kernels().
const PredictionKernels* find_prediction_kernels(const char* name);
const PredictionKernels& prediction_kernels();

}  // namespace veneer
