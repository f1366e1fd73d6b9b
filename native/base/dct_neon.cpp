// NEON kernels of inverse block transforms, for AArch64.
//
// Place: one of the targets of dct_dispatch.cpp. Source: docs/format.md, "Inverse transform".
#include "base/dct_targets.h"

#if defined(__aarch64__)
#define VENEER_TARGET neon
#include "base/dct_lanes_neon.h"
// The order matters: the lanes are what the others are written in.
#include "base/add_residual_neon_inl.h"
#include "base/dct_inverse_inl.h"

namespace veneer {

const TransformKernels* neon_kernels() {
  static const TransformKernels table = {"neon", SimdTarget::kNeon, neon::inverse<15>, neon::inverse<11>,
                                         neon::add_residual};
  return &table;
}

}  // namespace veneer

#else

namespace veneer {

const TransformKernels* neon_kernels() { return nullptr; }

}  // namespace veneer

#endif
