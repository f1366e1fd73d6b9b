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

namespace veneer {

const PredictionKernels* avx2_prediction_kernels() {
  namespace target = prediction_avx2;
  static const PredictionKernels table = {"avx2",
                                          target::predict,
                                          target::predict_from_luma,
                                          target::subtract,
                                          target::chroma_sums,
                                          target::load_colour,
                                          target::store_colour,
                                          target::expected_cells};
  return &table;
}

}  // namespace veneer

#else

namespace veneer {

const PredictionKernels* avx2_prediction_kernels() { return nullptr; }

}  // namespace veneer

#endif
