// The encoder's loops of the fast form for AVX2.
#include "base/modular/enc_fast_kernels.h"

#if defined(__AVX2__)

#define VENEER_TARGET avx2
#include "base/modular/fast_lanes_avx2.h"
// Made of them:
#include "base/modular/enc_fast_kernels_inl.h"

namespace veneer::modular::fast {

const EncoderKernels* avx2_encoder_kernels() { return &avx2::kEncoderKernels; }

}  // namespace veneer::modular::fast

#else

namespace veneer::modular::fast {

const EncoderKernels* avx2_encoder_kernels() { return nullptr; }

}  // namespace veneer::modular::fast

#endif
