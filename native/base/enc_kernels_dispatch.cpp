// Chooses the encoder's kernels: those of the target that dct_dispatch.cpp has chosen.
#include "base/enc_kernels.h"
#include "base/enc_kernels_targets.h"

namespace veneer {
namespace {

// Of a target that this build has.
const EncoderKernels& kernels_of(SimdTarget target) {
  switch (target) {
    case SimdTarget::kAvx2:
      return *avx2_encoder_kernels();
    case SimdTarget::kAvx512:
      return *avx512_encoder_kernels();
    case SimdTarget::kNeon:
      return *neon_encoder_kernels();
    case SimdTarget::kSimd128:  // for the decoder alone
    case SimdTarget::kScalar:
      break;
  }
  return scalar_encoder_kernels();
}

}  // namespace

const EncoderKernels* find_encoder_kernels(const char* name) {
  const TransformKernels* found = find_kernels(name);
  return found != nullptr ? &kernels_of(found->target) : nullptr;
}

const EncoderKernels& encoder_kernels() { return kernels_of(kernels().target); }

}  // namespace veneer
