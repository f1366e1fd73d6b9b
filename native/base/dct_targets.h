// Kernel tables of the SIMD targets, for the dispatch only.
//
// Place: each function lives in the source file of its target and returns nullptr where that file was
// compiled without the target's instructions. None of them looks at the CPU: dct_dispatch.cpp does.
#pragma once
#include "base/dct.h"

namespace veneer {

const TransformKernels* avx2_kernels();
const TransformKernels* avx512_kernels();
const TransformKernels* neon_kernels();

}  // namespace veneer
