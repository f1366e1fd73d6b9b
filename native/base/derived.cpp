// Chroma predicted by slopes that the rim of a block gives.
// Source: docs/format.md, "Prediction".
#include <algorithm>
#include <cstring>

#include "prediction.h"
#include "prediction_kernels.h"

namespace veneer {
namespace {

constexpr int kSlopeLimit = 512;  // in 1/256
constexpr int kRidge = 64;        // added to the variances, so that noise gives no slope

int64_t floor_divide(int64_t a, int64_t b) { return a >= 0 ? a / b : -((-a + b - 1) / b); }

int slope(int64_t a, int64_t b) {
  return static_cast<int>(std::clamp<int64_t>(floor_divide(512 * a + b, 2 * b), -kSlopeLimit, kSlopeLimit));
}

// Sums of at most 128 products of up to 2^20 fit 32 bits.
int dot(const int16_t* a, const int16_t* b, int n) {
  int sum = 0;
  for (int i = 0; i < n; ++i) sum += a[i] * b[i];
  return sum;
}

}  // namespace

void gather_rim(const int16_t* const at[3], ptrdiff_t stride, int w, int h, bool above, bool left,
                const SampleRange& range, Rim* rim) {
  const int n = (above ? w : 0) + (left ? h : 0);
  rim->count = n;
  rim->widest = range.widest;
  if (n == 0) return;
  for (int p = 0; p < 3; ++p) {
    int16_t* to = rim->sample[p];
    if (above) {
      std::memcpy(to, at[p] - stride, sizeof(int16_t) * w);
      to += w;
    }
    if (left) {
      for (int y = 0; y < h; ++y) to[y] = at[p][y * stride - 1];
    }
    int sum = 0;
    for (int i = 0; i < n; ++i) sum += rim->sample[p][i];
    rim->mean[p] = static_cast<int>(floor_divide(2 * sum + n, 2 * n));
    for (int i = 0; i < n; ++i) {
      rim->sample[p][i] = static_cast<int16_t>((rim->sample[p][i] - rim->mean[p]) >> range.extra);
    }
  }
}

DerivedSlopes derived_slopes(const Rim& rim, int plane_of_tree) {
  const int16_t *y = rim.sample[0], *o = rim.sample[1], *g = rim.sample[2];
  const int n = rim.count;
  const int64_t yy = kRidge * n + dot(y, y, n), yo = dot(y, o, n);
  if (plane_of_tree == 0) return {slope(yo, yy), 0};
  const int64_t oo = kRidge * n + dot(o, o, n), yg = dot(y, g, n), og = dot(o, g, n);
  const int64_t determinant = yy * oo - yo * yo;
  return {slope(yg * oo - og * yo, determinant), slope(og * yy - yg * yo, determinant)};
}

void predict_derived(const Rim& rim, int plane_of_tree, const int16_t* luma, const int16_t* co, ptrdiff_t plane_stride,
                     int log2_w, int log2_h, int16_t* out, ptrdiff_t stride) {
  if (rim.count == 0) {
    for (int y = 0; y < 1 << log2_h; ++y) std::fill_n(out + y * stride, 1 << log2_w, int16_t{0});
    return;
  }
  const DerivedSlopes slopes = derived_slopes(rim, plane_of_tree);
  prediction_kernels().predict_by_slopes(slopes.luma, slopes.co, rim.mean, rim.mean[1 + plane_of_tree], luma, co,
                                         plane_stride, log2_w, log2_h, rim.widest, out, stride);
}

}  // namespace veneer
