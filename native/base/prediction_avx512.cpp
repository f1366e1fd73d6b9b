// AVX-512 kernels of intra prediction.
//
// Place: one of the targets of dct_dispatch.cpp. Source: docs/format.md, "Prediction".
#include "base/dct_targets.h"

#if defined(__AVX512BW__) && defined(__AVX512VL__) && defined(__AVX512VNNI__)
// GCC 12 takes the undefined vectors inside its own AVX-512 intrinsics for uninitialized variables (PR
// 105593).
#if defined(__GNUC__) && !defined(__clang__)
#pragma GCC diagnostic ignored "-Wmaybe-uninitialized"
#pragma GCC diagnostic ignored "-Wuninitialized"
#endif
#define VENEER_TARGET prediction_avx512
#include "base/prediction_lanes_x86.h"
// The order matters: the lanes are what the others are written in.
#include "base/expected_cells_inl.h"
#include "base/pixel_rows_inl.h"
#include "base/prediction_inl.h"
#include "base/prediction_table_inl.h"

namespace veneer {

const PredictionKernels* avx512_prediction_kernels() {
  static const PredictionKernels table = prediction_avx512::prediction_table("avx512");
  return &table;
}

}  // namespace veneer

#else

namespace veneer {

const PredictionKernels* avx512_prediction_kernels() { return nullptr; }

}  // namespace veneer

#endif
