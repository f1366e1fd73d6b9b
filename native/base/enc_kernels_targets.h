// Tables of the encoder's kernels, for the dispatch only.
//
// Place: each function lives in the source file of its target and returns nullptr where that file was compiled without the
// target's instructions. None of them looks at the CPU.
#pragma once
#include "base/enc_kernels.h"

namespace veneer {

const EncoderKernels* avx2_encoder_kernels();
const EncoderKernels* avx512_encoder_kernels();
const EncoderKernels* neon_encoder_kernels();

}  // namespace veneer
