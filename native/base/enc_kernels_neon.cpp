// NEON kernels that the encoder alone calls, for AArch64.
//
// Place: one of the targets of enc_kernels_dispatch.cpp. Source: enc_kernels.h.
#include "base/enc_kernels_targets.h"

#if defined(__aarch64__)
#define VENEER_TARGET enc_blocks_neon
#include "base/dct_lanes_neon.h"
// The order matters: the lanes are what the others are written in.
#include "base/enc_block_metrics_neon_inl.h"
#include "base/enc_dct_forward_inl.h"
#undef VENEER_TARGET
#define VENEER_TARGET enc_samples_neon
#include "base/prediction_lanes_neon.h"
// The same here.
#include "base/enc_pixel_rows_inl.h"
#include "base/enc_samples_inl.h"

namespace veneer {

const EncoderKernels* neon_encoder_kernels() {
  namespace blocks = enc_blocks_neon;
  namespace samples = enc_samples_neon;
  static const EncoderKernels table = {"neon",
                                       blocks::forward,
                                       blocks::sse,
                                       blocks::satd,
                                       samples::subtract,
                                       samples::chroma_sums,
                                       samples::load_colour};
  return &table;
}

}  // namespace veneer

#else

namespace veneer {

const EncoderKernels* neon_encoder_kernels() { return nullptr; }

}  // namespace veneer

#endif
