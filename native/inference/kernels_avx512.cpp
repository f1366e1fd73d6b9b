// AVX-512 VNNI kernels of the integer inference engine. Place: one of the targets of kernels_dispatch.cpp.
#include "inference/kernels.h"

#if defined(__AVX512BW__) && defined(__AVX512VL__) && defined(__AVX512VNNI__)
// GCC 12 takes the undefined vectors inside its own AVX-512 intrinsics for uninitialized variables (PR 105593).
#if defined(__GNUC__) && !defined(__clang__)
#pragma GCC diagnostic ignored "-Wmaybe-uninitialized"
#pragma GCC diagnostic ignored "-Wuninitialized"
#endif
#define VENEER_TARGET avx512
#include "inference/lanes_x86.h"
// The order matters: the lanes are what the kernels are written in.
#include "inference/kernels_inl.h"

namespace veneer::inference {

const Kernels* avx512_kernels() { return avx512::table("avx512"); }

}  // namespace veneer::inference

#else

namespace veneer::inference {

const Kernels* avx512_kernels() { return nullptr; }

}  // namespace veneer::inference

#endif
