// AVX2 kernels of inverse block transforms.
//
// Place: one of the targets of dct_dispatch.cpp. Source: docs/format.md, "Inverse transform".
#include "base/dct_targets.h"

#if defined(__AVX2__)
#define VENEER_TARGET avx2
#include "base/dct_lanes_x86.h"
// The order matters: the lanes are what the others are written in.
#include "base/add_residual_x86_inl.h"
#include "base/dct_inverse_inl.h"

namespace veneer {

const TransformKernels* avx2_kernels() {
  static const TransformKernels table = {"avx2", SimdTarget::kAvx2, avx2::inverse<15>, avx2::inverse<11>,
                                         avx2::add_residual};
  return &table;
}

}  // namespace veneer

#else

namespace veneer {

const TransformKernels* avx2_kernels() { return nullptr; }

}  // namespace veneer

#endif
