// AVX-512 kernels of inverse block transforms.
//
// Place: one of the targets of dct_dispatch.cpp. Source: docs/format.md, "Inverse transform".
#include "base/dct_targets.h"

#if defined(__AVX512BW__) && defined(__AVX512VL__) && defined(__AVX512VNNI__)
// GCC 12 takes the undefined vectors inside its own AVX-512 intrinsics for uninitialized variables (PR
// 105593).
#if defined(__GNUC__) && !defined(__clang__)
#pragma GCC diagnostic ignored "-Wmaybe-uninitialized"
#pragma GCC diagnostic ignored "-Wuninitialized"
#endif
#define VENEER_TARGET avx512
#include "base/dct_lanes_x86.h"
// The order matters: the lanes are what the others are written in.
#include "base/add_residual_x86_inl.h"
#include "base/dct_inverse_inl.h"

namespace veneer {

const TransformKernels* avx512_kernels() {
  static const TransformKernels table = {"avx512", SimdTarget::kAvx512, avx512::inverse<15>, avx512::inverse<11>,
                                         avx512::add_residual};
  return &table;
}

}  // namespace veneer

#else

namespace veneer {

const TransformKernels* avx512_kernels() { return nullptr; }

}  // namespace veneer

#endif
