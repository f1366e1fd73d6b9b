// AVX2 kernels of intra prediction.
//
// Place: one of the targets of dct_dispatch.cpp. Source: docs/format.md, "Prediction".
#include "base/dct_targets.h"

#if defined(__AVX2__)
#define VENEER_TARGET prediction_avx2
#include "base/prediction_lanes_x86.h"
// The order matters: the lanes are what the others are written in.
#include "base/expected_cells_inl.h"
#include "base/pixel_rows_inl.h"
#include "base/prediction_inl.h"
#include "base/prediction_table_inl.h"

namespace veneer {

const PredictionKernels* avx2_prediction_kernels() {
  static const PredictionKernels table = prediction_avx2::prediction_table("avx2");
  return &table;
}

}  // namespace veneer

#else

namespace veneer {

const PredictionKernels* avx2_prediction_kernels() { return nullptr; }

}  // namespace veneer

#endif
