// Differences and sums over the samples of blocks, for the encoder, on the vectors of one target.
//
// Place: included by enc_kernels_<target>.cpp after prediction_lanes_*.h. Source: enc_kernels.h.
#pragma once
#include <cstddef>
#include <cstdint>

#include "base/enc_kernels.h"
#include "base/prediction_groups_inl.h"

namespace veneer::VENEER_TARGET {
namespace {

template <int kWidth>
inline void subtract_width(const int16_t* source, ptrdiff_t stride, const int16_t* prediction, int w, int h,
                           int16_t* out) {
  Groups<kWidth>::fill(w, h, out, w, [&](int x, int y) {
    return sub(load_group<kWidth>(source + y * stride + x, stride), load_group<kWidth>(prediction + y * w + x, w));
  });
}

inline void subtract(const int16_t* source, ptrdiff_t stride, const int16_t* prediction, int w, int h, int16_t* out) {
  if (w == 4) return subtract_width<4>(source, stride, prediction, w, h, out);
  if (w == 8) return subtract_width<8>(source, stride, prediction, w, h, out);
  subtract_width<16>(source, stride, prediction, w, h, out);
}

// No lane of the sums, 4 at least, leaves 32 bits: 4096 / 4 x 1023^2 < 2^31.
template <int kWidth>
inline ChromaSums chroma_sums_width(const int16_t* luma, const int16_t* chroma, ptrdiff_t stride_luma,
                                    ptrdiff_t stride_chroma, int w, int h) {
  Total sum_l = no_total(), sum_c = no_total(), sum_ll = no_total(), sum_lc = no_total();
  for (int y = 0; y < h; y += Groups<kWidth>::kRows) {
    for (int x = 0; x < w; x += kWidth) {
      const V l = load_group<kWidth>(luma + y * stride_luma + x, stride_luma);
      const V c = load_group<kWidth>(chroma + y * stride_chroma + x, stride_chroma);
      sum_l = add_samples(sum_l, l);
      sum_c = add_samples(sum_c, c);
      sum_ll = add_products(sum_ll, l, l);
      sum_lc = add_products(sum_lc, l, c);
    }
  }
  return {sum_total(sum_l), sum_total(sum_c), long_total(sum_ll), long_total(sum_lc)};
}

inline ChromaSums chroma_sums(const int16_t* luma, const int16_t* chroma, ptrdiff_t stride_luma,
                              ptrdiff_t stride_chroma, int w, int h) {
  if (w == 4) return chroma_sums_width<4>(luma, chroma, stride_luma, stride_chroma, w, h);
  if (w == 8) return chroma_sums_width<8>(luma, chroma, stride_luma, stride_chroma, w, h);
  return chroma_sums_width<16>(luma, chroma, stride_luma, stride_chroma, w, h);
}

}  // namespace
}  // namespace veneer::VENEER_TARGET
