#include "prediction.h"

#include <algorithm>
#include <cstdlib>
#include <cstring>

namespace veneer {
namespace {

// 32 tan of the angle from the vertical (for the second family from the horizontal), which runs from -36 to 45 degrees
// for the first family and from -45 to 36 for the second. Normative.
constexpr int kSlopes[2][10] = {{-24, -16, -10, -5, 0, 5, 10, 16, 24, 32}, {-32, -24, -16, -10, -5, 0, 5, 10, 16, 24}};

// round(256 * 32 / |slope|).
constexpr int inverse_slope(int slope) { return (256 * 32 - slope / 2) / -slope; }


// Four-tap interpolation at f / 32 between taps 1 and 2, in 1/64: Catmull-Rom for small blocks, a triangle
// smoothed by (1 2 1) for large ones. Normative.
struct Filters {
  int16_t sharp[32][4], smooth[32][4];
};
constexpr int round_div(int value, int by) { return value >= 0 ? (value + by / 2) / by : -((-value + by / 2) / by); }
constexpr Filters make_filters() {
  Filters t{};
  for (int f = 0; f < 32; ++f) {
    // Catmull-Rom at x = f / 32: multiples of 1 / 65536, rounded to 1 / 64; tap 1 takes what is left.
    const int x = f, x2 = f * f, x3 = f * f * f;
    const int a = round_div(-x3 + 64 * x2 - 1024 * x, 1024);
    const int c = round_div(-3 * x3 + 128 * x2 + 1024 * x, 1024);
    const int d = round_div(x3 - 32 * x2, 1024);
    t.sharp[f][0] = static_cast<int16_t>(a);
    t.sharp[f][1] = static_cast<int16_t>(64 - a - c - d);
    t.sharp[f][2] = static_cast<int16_t>(c);
    t.sharp[f][3] = static_cast<int16_t>(d);
    t.smooth[f][0] = static_cast<int16_t>(16 - f / 2);
    t.smooth[f][1] = static_cast<int16_t>(32 - f / 2);
    t.smooth[f][2] = static_cast<int16_t>(16 + f / 2);
    t.smooth[f][3] = static_cast<int16_t>(f / 2);
  }
  return t;
}
constexpr Filters kFilters = make_filters();

// Mean over the longer side (both where they are equal): a shift, no division.
int16_t dc_value(const Edges& edges, int log2_w, int log2_h) {
  const int w = 1 << log2_w, h = 1 << log2_h;
  int sum = 0;
  if (w >= h) {
    for (int x = 0; x < w; ++x) sum += edges.top()[x];
  }
  if (h >= w) {
    for (int y = 0; y < h; ++y) sum += edges.left()[y];
  }
  const int shift = w == h ? log2_w + 1 : std::max(log2_w, log2_h);
  return static_cast<int16_t>((sum + (1 << (shift - 1))) >> shift);
}

void predict_dc(const Edges& edges, int log2_w, int log2_h, int16_t* out, ptrdiff_t stride) {
  const int16_t value = dc_value(edges, log2_w, log2_h);
  for (int y = 0; y < 1 << log2_h; ++y) std::fill_n(out + y * stride, 1 << log2_w, value);
}

void predict_planar(const Edges& edges, int log2_w, int log2_h, int16_t* out, ptrdiff_t stride) {
  const int w = 1 << log2_w, h = 1 << log2_h;
  const int16_t *top = edges.top(), *left = edges.left();
  const int right = top[w], bottom = left[h];
  for (int y = 0; y < h; ++y) {
    for (int x = 0; x < w; ++x) {
      const int vertical = ((h - 1 - y) * top[x] + (y + 1) * bottom) << log2_w;
      const int horizontal = ((w - 1 - x) * left[y] + (x + 1) * right) << log2_h;
      out[y * stride + x] = static_cast<int16_t>((vertical + horizontal + w * h) >> (log2_w + log2_h + 1));
    }
  }
}

void predict_paeth(const Edges& edges, int log2_w, int log2_h, int16_t* out, ptrdiff_t stride) {
  const int w = 1 << log2_w, h = 1 << log2_h;
  const int16_t *top = edges.top(), *left = edges.left();
  const int16_t corner = top[-1];
  for (int y = 0; y < h; ++y) {
    const int16_t l = left[y];
    for (int x = 0; x < w; ++x) {
      const int16_t t = top[x];
      // With base = l + t - corner: |base - l| = |t - corner| and so on.
      const int16_t dl = static_cast<int16_t>(std::abs(t - corner)), dt = static_cast<int16_t>(std::abs(l - corner));
      const int16_t dc = static_cast<int16_t>(std::abs(l + t - 2 * corner));
      const int16_t side = dl <= dt ? l : t;
      out[y * stride + x] = std::min(dl, dt) <= dc ? side : corner;
    }
  }
}

// Directions from the samples of `main` (above for the vertical family); rows of `out` step away from it.
void predict_direction(int slope, const int16_t* main, const int16_t* side, int w, int h, bool smooth, int16_t* out,
                       ptrdiff_t stride) {
  if (slope == 0) {
    for (int y = 0; y < h; ++y) std::memcpy(out + y * stride, main, sizeof(int16_t) * w);
    return;
  }
  int16_t extended[Edges::kLength];
  const int16_t* ref = main;
  if (slope < 0) {
    int16_t* base = extended + Edges::kBefore;
    std::memcpy(base - 1, main - 1, sizeof(int16_t) * (w + 4));
    const int reach = ((h * -slope) >> 5) + 3;
    const int inverse = inverse_slope(slope);
    for (int k = 1; k < reach; ++k) base[-1 - k] = side[((k * inverse + 128) >> 8) - 1];
    ref = base;
  }
  for (int y = 0; y < h; ++y) {
    const int position = (y + 1) * slope;
    const int16_t* in = ref + (position >> 5) - 1;
    const int16_t* f = (smooth ? kFilters.smooth : kFilters.sharp)[position & 31];
    int16_t* row = out + y * stride;
    for (int x = 0; x < w; ++x) {
      row[x] = static_cast<int16_t>((f[0] * in[x] + f[1] * in[x + 1] + f[2] * in[x + 2] + f[3] * in[x + 3] + 32) >> 6);
    }
  }
}

// Draws DC and planar predictions towards the edges near them, as position dependent prediction combination does.
void blend_edges(const Edges& edges, int log2_w, int log2_h, int16_t* out, ptrdiff_t stride) {
  const int w = 1 << log2_w, h = 1 << log2_h, scale = (log2_w + log2_h - 2) >> 2;
  const int16_t *top = edges.top(), *left = edges.left();
  const int columns = std::min(w, 3 << scale), rows = std::min(h, 3 << scale);
  for (int y = 0; y < h; ++y) {
    const int wt = y < rows ? 32 >> ((2 * y) >> scale) : 0;
    const int limit = wt ? w : columns;
    for (int x = 0; x < limit; ++x) {
      const int wl = x < columns ? 32 >> ((2 * x) >> scale) : 0;
      int16_t& sample = out[y * stride + x];
      sample = static_cast<int16_t>((left[y] * wl + top[x] * wt + (64 - wl - wt) * sample + 32) >> 6);
    }
  }
}

// The same for the purely vertical and horizontal directions, which follow the gradient along the other edge.
void blend_gradient(const int16_t* side, int16_t corner, bool vertical, int log2_w, int log2_h, int16_t* out, ptrdiff_t stride) {
  const int w = 1 << log2_w, h = 1 << log2_h, scale = (log2_w + log2_h - 2) >> 2;
  const int reach = std::min(vertical ? w : h, 3 << scale);
  for (int y = 0; y < (vertical ? h : reach); ++y) {
    for (int x = 0; x < (vertical ? reach : w); ++x) {
      const int weight = 32 >> ((2 * (vertical ? x : y)) >> scale);
      int16_t& sample = out[y * stride + x];
      sample = static_cast<int16_t>(sample + ((weight * (side[vertical ? y : x] - corner) + 32) >> 6));
    }
  }
}

}  // namespace

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
  const int w = 1 << log2_w, h = 1 << log2_h;
  const bool smooth = log2_w + log2_h >= 6;
  switch (mode) {
    case kDc: predict_dc(edges, log2_w, log2_h, out, stride); return blend_edges(edges, log2_w, log2_h, out, stride);
    case kPlanar: predict_planar(edges, log2_w, log2_h, out, stride); return blend_edges(edges, log2_w, log2_h, out, stride);
    case kPaeth: return predict_paeth(edges, log2_w, log2_h, out, stride);
    default: break;
  }
  if (mode == kPureVertical) {
    predict_direction(0, edges.top(), edges.left(), w, h, smooth, out, stride);
    return blend_gradient(edges.left(), edges.left()[-1], true, log2_w, log2_h, out, stride);
  }
  if (mode < kHorizontal) {
    return predict_direction(kSlopes[0][mode - kVertical], edges.top(), edges.left(), w, h, smooth, out, stride);
  }
  if (mode == kPureHorizontal) {
    for (int y = 0; y < h; ++y) std::fill_n(out + y * stride, w, edges.left()[y]);
    return blend_gradient(edges.top(), edges.top()[-1], false, log2_w, log2_h, out, stride);
  }
  int16_t turned[kMaxBlock * kMaxBlock];
  predict_direction(kSlopes[1][mode - kHorizontal], edges.left(), edges.top(), h, w, smooth, turned, h);
  for (int y = 0; y < h; ++y) {
    for (int x = 0; x < w; ++x) out[y * stride + x] = turned[x * h + y];
  }
}

void predict_from_luma(int alpha, const Edges& edges, const int16_t* luma, ptrdiff_t luma_stride, int log2_w, int log2_h,
                       int16_t* out, ptrdiff_t stride) {
  const int w = 1 << log2_w, h = 1 << log2_h;
  const int dc = dc_value(edges, log2_w, log2_h);
  int sum = 0;
  for (int y = 0; y < h; ++y) {
    for (int x = 0; x < w; ++x) sum += luma[y * luma_stride + x];
  }
  const int mean = (sum + ((w * h) >> 1)) >> (log2_w + log2_h);
  for (int y = 0; y < h; ++y) {
    for (int x = 0; x < w; ++x) {
      const int value = dc + ((alpha * (luma[y * luma_stride + x] - mean) + 4) >> 3);
      out[y * stride + x] = static_cast<int16_t>(std::clamp(value, -kChromaMax, kChromaMax));
    }
  }
}

}  // namespace veneer
