// Kernel tables of the SIMD targets, for the dispatch only.
//
// Place: each function lives in the source file of its target and returns nullptr where that file was
// compiled without the target's instructions. None of them looks at the CPU: dct_dispatch.cpp does.
#pragma once
#include "base/dct.h"
#include "base/prediction_kernels.h"
#include "base/row_filter.h"

namespace veneer {

const TransformKernels* avx2_kernels();
const TransformKernels* avx512_kernels();
const TransformKernels* neon_kernels();
const TransformKernels* simd128_kernels();

const PredictionKernels* avx2_prediction_kernels();
const PredictionKernels* avx512_prediction_kernels();
const PredictionKernels* neon_prediction_kernels();
const PredictionKernels* simd128_prediction_kernels();

const FilterKernels* avx2_filter_kernels();
const FilterKernels* neon_filter_kernels();
const FilterKernels* simd128_filter_kernels();

}  // namespace veneer
