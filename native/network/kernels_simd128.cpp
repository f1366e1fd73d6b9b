// SIMD128 kernels of the network engine, for WebAssembly. Place: one of the targets of kernels_dispatch.cpp.
#include "network/kernels.h"

#if defined(__wasm_simd128__)
#define VENEER_TARGET simd128
#include "network/lanes_simd128.h"
// The order matters: the lanes are what the kernels are written in.
#include "network/kernels_inl.h"

namespace veneer::network {

const Kernels* simd128_kernels() { return simd128::table("simd128"); }

}  // namespace veneer::network

#else

namespace veneer::network {

const Kernels* simd128_kernels() { return nullptr; }

}  // namespace veneer::network

#endif
