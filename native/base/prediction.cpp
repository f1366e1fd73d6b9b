#include "prediction.h"

#include <algorithm>
#include <cstring>

#include "prediction_kernels.h"

namespace veneer {

void Edges::gather(const int16_t* at, ptrdiff_t stride, int w, int h, int top_count, int left_count, bool corner,
                   int16_t middle) {
  const int length = w + h + 8;
  int16_t *t = top(), *l = left();
  top_count = std::min(top_count, length);
  left_count = std::min(left_count, length);
  if (top_count) std::memcpy(t, at - stride, sizeof(int16_t) * top_count);
  for (int y = 0; y < left_count; ++y) l[y] = at[y * stride - 1];
  if (!top_count) std::fill_n(t, length, left_count ? l[0] : middle);
  if (!left_count) std::fill_n(l, length, top_count ? t[0] : middle);
  if (top_count) std::fill(t + top_count, t + length, t[top_count - 1]);
  if (left_count) std::fill(l + left_count, l + length, l[left_count - 1]);
  t[-1] = l[-1] = corner ? at[-stride - 1] : top_count ? t[0] : l[0];
}

void predict(int mode, const Edges& edges, int log2_w, int log2_h, int16_t* out, ptrdiff_t stride) {
  prediction_kernels().predict(mode, edges.top(), edges.left(), log2_w, log2_h, out, stride);
}

void predict_from_luma(int alpha, const Edges& edges, const int16_t* luma, ptrdiff_t luma_stride, int log2_w,
                       int log2_h, int widest, int16_t* out, ptrdiff_t stride) {
  prediction_kernels().predict_from_luma(alpha, edges.top(), edges.left(), luma, luma_stride, log2_w, log2_h, widest,
                                         out, stride);
}

}  // namespace veneer
