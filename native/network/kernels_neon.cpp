// NEON kernels of the network engine. Place: one of the targets of kernels_dispatch.cpp.
#include "network/kernels.h"

#if defined(__aarch64__)
#define VENEER_TARGET neon
#include "network/lanes_neon.h"
// The order matters: the lanes are what the kernels are written in.
#include "network/kernels_inl.h"

namespace veneer::network {

const Kernels* neon_kernels() { return neon::table("neon"); }

}  // namespace veneer::network

#else

namespace veneer::network {

const Kernels* neon_kernels() { return nullptr; }

}  // namespace veneer::network

#endif
