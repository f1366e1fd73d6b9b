// AVX-512 VNNI kernels of the network engine. Place: one of the targets of kernels_dispatch.cpp.
#include "network/kernels.h"

#if defined(__AVX512BW__) && defined(__AVX512VL__) && defined(__AVX512VNNI__)
// GCC 12 takes the undefined vectors inside its own AVX-512 intrinsics for uninitialized variables (PR 105593).
#if defined(__GNUC__) && !defined(__clang__)
#pragma GCC diagnostic ignored "-Wmaybe-uninitialized"
#pragma GCC diagnostic ignored "-Wuninitialized"
#endif
#define VENEER_TARGET avx512
#include "network/lanes_x86.h"
// The order matters: the lanes are what the kernels are written in.
#include "network/kernels_inl.h"

namespace veneer::network {

const Kernels* avx512_kernels() { return avx512::table("avx512"); }

}  // namespace veneer::network

#else

namespace veneer::network {

const Kernels* avx512_kernels() { return nullptr; }

}  // namespace veneer::network

#endif
