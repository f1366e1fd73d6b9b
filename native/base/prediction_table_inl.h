// All kernels of intra prediction of one target. Included once by each, after the others.
//
// Place: prediction_{avx2,avx512,neon,simd128}.cpp give it to dct_dispatch.cpp.
#pragma once
#include "base/prediction_kernels.h"

namespace veneer::VENEER_TARGET {
namespace {

inline PredictionKernels prediction_table(const char* name) {
  return {name, predict, predict_from_luma, predict_by_slopes, store_colour, expected_cells};
}

}  // namespace
}  // namespace veneer::VENEER_TARGET
