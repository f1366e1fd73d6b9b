// NEON kernels of the integer inference engine. Place: one of the targets of kernels_dispatch.cpp.
#include "inference/kernels.h"

#if defined(__aarch64__)
#define VENEER_TARGET neon
#include "inference/lanes_neon.h"
// The order matters: the lanes are what the kernels are written in.
#include "inference/kernels_inl.h"

namespace veneer::inference {

const Kernels* neon_kernels() { return neon::table("neon"); }

}  // namespace veneer::inference

#else

namespace veneer::inference {

const Kernels* neon_kernels() { return nullptr; }

}  // namespace veneer::inference

#endif
