// Reference kernels of intra prediction and neighbour cells: the formulas of docs/format.md written down.
//
// Place: the definition every SIMD target is tested against, and the fallback on other CPUs.
// Source: docs/format.md, "Prediction" and "Neighbour cells".
#include <algorithm>
#include <cstdlib>
#include <cstring>

#include "base/prediction.h"
#include "base/prediction_kernels.h"
#include "base/prediction_tables.h"

#define VENEER_TARGET prediction_scalar
#include "base/pixel_rows_inl.h"

namespace veneer {
namespace {

// Mean over the longer side (both where they are equal): a shift, no division.
int16_t dc_value(const int16_t* top, const int16_t* left, int log2_w, int log2_h) {
  const int w = 1 << log2_w, h = 1 << log2_h;
  int sum = 0;
  if (w >= h) {
    for (int x = 0; x < w; ++x) sum += top[x];
  }
  if (h >= w) {
    for (int y = 0; y < h; ++y) sum += left[y];
  }
  const int shift = w == h ? log2_w + 1 : std::max(log2_w, log2_h);
  return static_cast<int16_t>((sum + (1 << (shift - 1))) >> shift);
}

void predict_dc(const int16_t* top, const int16_t* left, int log2_w, int log2_h, int16_t* out, ptrdiff_t stride) {
  const int16_t value = dc_value(top, left, log2_w, log2_h);
  for (int y = 0; y < 1 << log2_h; ++y) std::fill_n(out + y * stride, 1 << log2_w, value);
}

void predict_planar(const int16_t* top, const int16_t* left, int log2_w, int log2_h, int16_t* out, ptrdiff_t stride) {
  const int w = 1 << log2_w, h = 1 << log2_h;
  const int right = top[w], bottom = left[h];
  for (int y = 0; y < h; ++y) {
    for (int x = 0; x < w; ++x) {
      const int vertical = ((h - 1 - y) * top[x] + (y + 1) * bottom) * w;
      const int horizontal = ((w - 1 - x) * left[y] + (x + 1) * right) * h;
      out[y * stride + x] = static_cast<int16_t>((vertical + horizontal + w * h) >> (log2_w + log2_h + 1));
    }
  }
}

void predict_paeth(const int16_t* top, const int16_t* left, int log2_w, int log2_h, int16_t* out, ptrdiff_t stride) {
  const int w = 1 << log2_w, h = 1 << log2_h;
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
    const int16_t* f = kFilters.tap[smooth][position & 31];
    int16_t* row = out + y * stride;
    for (int x = 0; x < w; ++x) {
      row[x] = static_cast<int16_t>((f[0] * in[x] + f[1] * in[x + 1] + f[2] * in[x + 2] + f[3] * in[x + 3] + 32) >> 6);
    }
  }
}

// Draws DC and planar predictions towards the edges near them, as position dependent prediction combination does.
void blend_edges(const int16_t* top, const int16_t* left, int log2_w, int log2_h, int16_t* out, ptrdiff_t stride) {
  const int w = 1 << log2_w, h = 1 << log2_h, scale = (log2_w + log2_h - 2) >> 2;
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
void blend_gradient(const int16_t* side, int16_t corner, bool vertical, int log2_w, int log2_h, int16_t* out,
                    ptrdiff_t stride) {
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

void predict(int mode, const int16_t* top, const int16_t* left, int log2_w, int log2_h, int16_t* out,
             ptrdiff_t stride) {
  const int w = 1 << log2_w, h = 1 << log2_h;
  const bool smooth = log2_w + log2_h >= 6;
  switch (mode) {
    case kDc:
      predict_dc(top, left, log2_w, log2_h, out, stride);
      return blend_edges(top, left, log2_w, log2_h, out, stride);
    case kPlanar:
      predict_planar(top, left, log2_w, log2_h, out, stride);
      return blend_edges(top, left, log2_w, log2_h, out, stride);
    case kPaeth:
      return predict_paeth(top, left, log2_w, log2_h, out, stride);
    default:
      break;
  }
  if (mode == kPureVertical) {
    predict_direction(0, top, left, w, h, smooth, out, stride);
    return blend_gradient(left, left[-1], true, log2_w, log2_h, out, stride);
  }
  if (mode < kHorizontal) {
    return predict_direction(kSlopes[0][mode - kVertical], top, left, w, h, smooth, out, stride);
  }
  if (mode == kPureHorizontal) {
    for (int y = 0; y < h; ++y) std::fill_n(out + y * stride, w, left[y]);
    return blend_gradient(top, top[-1], false, log2_w, log2_h, out, stride);
  }
  int16_t turned[kMaxBlock * kMaxBlock];
  predict_direction(kSlopes[1][mode - kHorizontal], left, top, h, w, smooth, turned, h);
  for (int y = 0; y < h; ++y) {
    for (int x = 0; x < w; ++x) out[y * stride + x] = turned[x * h + y];
  }
}

void predict_from_luma(int alpha, const int16_t* top, const int16_t* left, const int16_t* luma, ptrdiff_t luma_stride,
                       int log2_w, int log2_h, int widest, int16_t* out, ptrdiff_t stride) {
  const int w = 1 << log2_w, h = 1 << log2_h;
  const int dc = dc_value(top, left, log2_w, log2_h);
  int sum = 0;
  for (int y = 0; y < h; ++y) {
    for (int x = 0; x < w; ++x) sum += luma[y * luma_stride + x];
  }
  const int mean = (sum + ((w * h) >> 1)) >> (log2_w + log2_h);
  for (int y = 0; y < h; ++y) {
    for (int x = 0; x < w; ++x) {
      const int value = dc + ((alpha * (luma[y * luma_stride + x] - mean) + 4) >> 3);
      out[y * stride + x] = static_cast<int16_t>(std::clamp(value, -widest, widest));
    }
  }
}

void predict_by_slopes(int s, int t, const int* mean, int base, const int16_t* luma, const int16_t* co,
                       ptrdiff_t plane_stride, int log2_w, int log2_h, int widest, int16_t* out, ptrdiff_t stride) {
  for (int y = 0; y < 1 << log2_h; ++y, luma += plane_stride, co += plane_stride, out += stride) {
    for (int x = 0; x < 1 << log2_w; ++x) {
      const int value = base + ((s * (luma[x] - mean[0]) + t * (co[x] - mean[1]) + 128) >> 8);
      out[x] = static_cast<int16_t>(std::clamp(value, -widest, widest));
    }
  }
}

// Twice the mean over the units.
void mean_of_units(const UnitCells* units, int count, size_t stride, uint16_t* mean2) {
  const auto* base = reinterpret_cast<const uint8_t*>(units);
  if (count == 1) {
    for (int c = 0; c < kCells; ++c) mean2[c] = static_cast<uint16_t>(base[c] * 2);
    return;
  }
  for (int c = 0; c < kCells; ++c) mean2[c] = static_cast<uint16_t>(base[c] + base[stride + c]);
  for (int i = 2; i < count; ++i) {
    const uint8_t* cell = base + i * stride;
    for (int c = 0; c < kCells; ++c) mean2[c] = static_cast<uint16_t>(mean2[c] + cell[c]);
  }
  int shift = 0;
  while (2 << shift < count) ++shift;
  if (shift == 0) return;
  for (int c = 0; c < kCells; ++c) mean2[c] = static_cast<uint16_t>(mean2[c] >> shift);
}

int expected_cells(const UnitCells* top, int top_units, const UnitCells* left, int left_units, size_t stride,
                   uint16_t* __restrict cell) {
  alignas(32) uint16_t n4[kCells], other[kCells];  // 4 N
  if (top && left) {
    mean_of_units(top, top_units, stride, n4);
    mean_of_units(left, left_units, stride, other);
    for (int c = 0; c < kCells; ++c) n4[c] = static_cast<uint16_t>(n4[c] + other[c]);
  } else {
    mean_of_units(top ? top : left, top ? top_units : left_units, stride, n4);
    for (int c = 0; c < kCells; ++c) n4[c] = static_cast<uint16_t>(n4[c] * 2);
  }
  int sum = 0;
  for (int c = 0; c < kCells; ++c) sum += n4[c];
  if (sum == 0) {
    std::memset(cell, 0, sizeof(uint16_t) * kCells);
    return 0;
  }
  // (1 2 1) x (1 2 1) / 16 with replicated borders; 4 N x 16 x 6 / 64 = 6 N x 1. Columns first, where whole rows are
  // vectors. The largest sum, 16 x 4 x 255 x 3, fits 16 bits.
  alignas(32) uint16_t down[kCells];
  for (int u = 0; u < 8; ++u) {
    down[u] = static_cast<uint16_t>(3 * n4[u] + n4[8 + u]);
    down[56 + u] = static_cast<uint16_t>(n4[48 + u] + 3 * n4[56 + u]);
  }
  for (int i = 8; i < 56; ++i) down[i] = static_cast<uint16_t>(n4[i - 8] + 2 * n4[i] + n4[i + 8]);
  alignas(32) uint16_t across[kCells];
  across[0] = static_cast<uint16_t>(3 * down[0] + down[1]);
  across[63] = static_cast<uint16_t>(down[62] + 3 * down[63]);
  for (int i = 1; i < 63; ++i) across[i] = static_cast<uint16_t>(down[i - 1] + 2 * down[i] + down[i + 1]);
  for (int v = 0; v < 8; ++v) {
    const uint16_t* row = down + v * 8;
    across[v * 8] = static_cast<uint16_t>(3 * row[0] + row[1]);
    across[v * 8 + 7] = static_cast<uint16_t>(row[6] + 3 * row[7]);
  }
  // 64 N; (6 x 64 N + 32) / 64 = (3 x 64 N + 16) / 32.
  for (int c = 0; c < kCells; ++c) cell[c] = static_cast<uint16_t>(static_cast<uint16_t>(3 * across[c] + 16) >> 5);
  return sum;
}

}  // namespace

const PredictionKernels& scalar_prediction_kernels() {
  static const PredictionKernels table = {
      "scalar", predict, predict_from_luma, predict_by_slopes, prediction_scalar::store_colour, expected_cells};
  return table;
}

}  // namespace veneer
