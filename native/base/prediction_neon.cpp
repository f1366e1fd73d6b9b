// NEON kernels of intra prediction, for AArch64.
//
// Place: one of the targets of dct_dispatch.cpp. Source: docs/format.md, "Prediction".
#include "base/dct_targets.h"

#if defined(__aarch64__)
#define VENEER_TARGET prediction_neon
#include "base/prediction_lanes_neon.h"
// The order matters: the lanes are what the others are written in.
#include "base/expected_cells_inl.h"
#include "base/pixel_rows_inl.h"
#include "base/prediction_inl.h"
#include "base/prediction_table_inl.h"

namespace veneer {

const PredictionKernels* neon_prediction_kernels() {
  static const PredictionKernels table = prediction_neon::prediction_table("neon");
  return &table;
}

}  // namespace veneer

#else

namespace veneer {

const PredictionKernels* neon_prediction_kernels() { return nullptr; }

}  // namespace veneer

#endif
