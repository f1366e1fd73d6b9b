// AVX2 kernels of the integer inference engine. Place: one of the targets of kernels_dispatch.cpp.
#include "inference/kernels.h"

#if defined(__AVX2__)
#define VENEER_TARGET avx2
#include "inference/lanes_x86.h"
// The order matters: the lanes are what the kernels are written in.
#include "inference/kernels_inl.h"

namespace veneer::inference {

const Kernels* avx2_kernels() { return avx2::table("avx2"); }

}  // namespace veneer::inference

#else

namespace veneer::inference {

const Kernels* avx2_kernels() { return nullptr; }

}  // namespace veneer::inference

#endif
