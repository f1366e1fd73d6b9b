// SIMD128 kernels of intra prediction, for WebAssembly.
//
// Place: one of the targets of dct_dispatch.cpp. Source: docs/format.md, "Prediction".
#include "base/dct_targets.h"

#if defined(__wasm_simd128__)
#define VENEER_TARGET prediction_simd128
#include "base/prediction_lanes_simd128.h"
// The order matters: the lanes are what the others are written in.
#include "base/expected_cells_inl.h"
#include "base/pixel_rows_inl.h"
#include "base/prediction_inl.h"
#include "base/prediction_table_inl.h"

namespace veneer {

const PredictionKernels* simd128_prediction_kernels() {
  static const PredictionKernels table = prediction_simd128::prediction_table("simd128");
  return &table;
}

}  // namespace veneer

#else

namespace veneer {

const PredictionKernels* simd128_prediction_kernels() { return nullptr; }

}  // namespace veneer

#endif
