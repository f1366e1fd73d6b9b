// SIMD128 kernels of inverse block transforms, for WebAssembly.
//
// Place: one of the targets of dct_dispatch.cpp. Source: docs/format.md, "Inverse transform".
#include "base/dct_targets.h"

#if defined(__wasm_simd128__)
#define VENEER_TARGET simd128
#include "base/dct_lanes_simd128.h"
// The order matters: the lanes are what the others are written in.
#include "base/add_residual_simd128_inl.h"
#include "base/dct_inverse_inl.h"

namespace veneer {

#if defined(VENEER_BASE_ONLY)
constexpr int kFine = 15;  // nothing has more than 8 bits
#else
constexpr int kFine = 11;
#endif

const TransformKernels* simd128_kernels() {
  static const TransformKernels table = {"simd128", SimdTarget::kSimd128, simd128::inverse<15>, simd128::inverse<kFine>,
                                         simd128::add_residual};
  return &table;
}

}  // namespace veneer

#else

namespace veneer {

const TransformKernels* simd128_kernels() { return nullptr; }

}  // namespace veneer

#endif
