// AVX-512 kernels of block transforms and block metrics.
//
// Place: one of the targets of dct_dispatch.cpp. Source: docs/format.md, "Inverse transform".
#include "base/dct_targets.h"

namespace veneer {

const TransformKernels* avx512_kernels() { return nullptr; }

}  // namespace veneer
