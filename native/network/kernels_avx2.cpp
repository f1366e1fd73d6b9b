// AVX2 kernels of the network engine. Place: one of the targets of kernels_dispatch.cpp.
#include "network/kernels.h"

#if defined(__AVX2__)
#define VENEER_TARGET avx2
#include "network/lanes_x86.h"
// The order matters: the lanes are what the kernels are written in.
#include "network/kernels_inl.h"

namespace veneer::network {

const Kernels* avx2_kernels() { return avx2::table("avx2"); }

}  // namespace veneer::network

#else

namespace veneer::network {

const Kernels* avx2_kernels() { return nullptr; }

}  // namespace veneer::network

#endif
