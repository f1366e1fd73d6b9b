// AVX2 kernels that the encoder alone calls.
//
// Place: one of the targets of enc_kernels_dispatch.cpp. Source: enc_kernels.h.
#include "base/enc_kernels_targets.h"

#if defined(__AVX2__)
#define VENEER_TARGET enc_blocks_avx2
#include "base/dct_lanes_x86.h"
// The order matters: the lanes are what the others are written in.
#include "base/enc_block_metrics_x86_inl.h"
#include "base/enc_dct_forward_inl.h"
#undef VENEER_TARGET
#define VENEER_TARGET enc_samples_avx2
#include "base/prediction_lanes_x86.h"
// The same here.
#include "base/enc_pixel_rows_inl.h"
#include "base/enc_samples_inl.h"

namespace veneer {

const EncoderKernels* avx2_encoder_kernels() {
  namespace blocks = enc_blocks_avx2;
  namespace samples = enc_samples_avx2;
  static const EncoderKernels table = {"avx2",
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

const EncoderKernels* avx2_encoder_kernels() { return nullptr; }

}  // namespace veneer

#endif
