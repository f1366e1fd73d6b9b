// Intra prediction on the vectors of one target.
//
// Place: included by prediction_<target>.cpp after the vector operations (prediction_lanes_*.h), which are:
//   V            16 samples: a group of 4 rows of a block 4 wide, 2 rows of one 8 wide, or a part of a wider row.
//                load_group and store_group move groups, row_group repeats a row in each row of the group, and
//                column_group repeats a column in each column.
//   Half         8 samples.
//   Wide, Pairs  16 sums in 32 bits and 16 pairs of samples, both in an order of the target's own; narrow() shifts and
//                goes back to samples. dot() adds products of pairs; column_product() those of a column_group() and
//                zip(weights, 0).
//   round_multiply(a, b) = (a b + 2^14) >> 15
//   interpolate<n>(in, taps)  the filter of predict_direction for n samples
//   transpose<n> columns to rows; of V, in both halves
// Source: docs/format.md, "Prediction". prediction_scalar.cpp has the formulas.
#pragma once
#include <cstddef>
#include <cstdint>
#include <cstring>

#include "base/prediction.h"
#include "base/prediction_groups_inl.h"
#include "base/prediction_kernels.h"
#include "base/prediction_tables.h"
#include "common/unroll.h"

namespace veneer::VENEER_TARGET {
namespace {

inline constexpr int16_t kCount[kMaxBlock] = {0,  1,  2,  3,  4,  5,  6,  7,  8,  9,  10, 11, 12, 13, 14, 15,
                                              16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29, 30, 31,
                                              32, 33, 34, 35, 36, 37, 38, 39, 40, 41, 42, 43, 44, 45, 46, 47,
                                              48, 49, 50, 51, 52, 53, 54, 55, 56, 57, 58, 59, 60, 61, 62, 63};

inline int sum_of(const int16_t* p, int n) {
  if (n <= 8) return sum_total(add_samples(no_total(), load_short(p, n)));
  Total total = no_total();
  for (int i = 0; i < n; i += 16) total = add_samples(total, load(p + i));
  return sum_total(total);
}

inline int dc_value(const int16_t* top, const int16_t* left, int log2_w, int log2_h) {
  const int w = 1 << log2_w, h = 1 << log2_h;
  int sum = 0;
  if (w >= h) sum += sum_of(top, w);
  if (h >= w) sum += sum_of(left, h);
  const int shift = w == h ? log2_w + 1 : log2_w > log2_h ? log2_w : log2_h;
  return static_cast<int16_t>((sum + (1 << (shift - 1))) >> shift);
}

// Samples drawn towards the edges; each difference of samples must fit int16.
inline V blend(V sample, V t, V l, V weight_t, V weight_l) {
  const Pairs towards = zip(sub(l, sample), sub(t, sample));
  return add(sample, narrow(dot(wide(32), towards, zip(weight_l, weight_t)), 6));
}

template <int kWidth>
inline void predict_dc(const int16_t* top, const int16_t* left, int log2_w, int log2_h, int16_t* out,
                       ptrdiff_t stride) {
  const int w = 1 << log2_w, h = 1 << log2_h, scale = blend_scale(log2_w, log2_h), reach = 3 << scale;
  const int16_t* weights = kBlendWeights.at[scale];
  const V value = constant(dc_value(top, left, log2_w, log2_h));
  for (int x = 0; x < w; x += kWidth) {
    const V t = row_group<kWidth>(top + x), weight_l = row_group<kWidth>(weights + x);
    const int blended = x < reach ? h : reach < h ? reach : h;
    int16_t* at = out + x;
    int y = 0;
    for (; y < blended; y += Groups<kWidth>::kRows) {
      store_group<kWidth>(at + y * stride, stride,
                          blend(value, t, column_group<kWidth>(left + y), column_group<kWidth>(weights + y), weight_l));
    }
    for (; y < h; y += Groups<kWidth>::kRows) store_group<kWidth>(at + y * stride, stride, value);
  }
}

template <int kWidth>
inline void predict_planar(const int16_t* top, const int16_t* left, int log2_w, int log2_h, int16_t* out,
                           ptrdiff_t stride) {
  constexpr int kRows = Groups<kWidth>::kRows;
  const int w = 1 << log2_w, h = 1 << log2_h, scale = blend_scale(log2_w, log2_h), reach = 3 << scale;
  const int16_t* weights = kBlendWeights.at[scale];
  const int shift = log2_w + log2_h + 1;
  const V right = constant(top[w]), bottom = constant(left[h]), zero = constant(0);
  for (int x = 0; x < w; x += kWidth) {
    const V t = row_group<kWidth>(top + x), weight_l = row_group<kWidth>(weights + x);
    const V column = row_group<kWidth>(kCount + x), row = column_group<kWidth>(kCount);
    // What does not depend on the left side, for the first group, and its step from one group to the next.
    const V right_weight = shift_left(add(column, constant(1)), log2_h);
    Wide sum = dot(wide(w * h), zip(right, zero), zip(right_weight, zero));
    sum = dot(sum, zip(t, bottom),
              zip(shift_left(sub(constant(h - 1), row), log2_w), shift_left(add(row, constant(1)), log2_w)));
    const V step_weight = constant(kRows << log2_w);
    const Wide step = dot(wide(0), zip(sub(bottom, t), zero), zip(step_weight, zero));
    const Pairs left_weight = zip(shift_left(sub(constant(w - 1), column), log2_h), zero);
    const int blended = x < reach ? h : reach < h ? reach : h;
    int16_t* at = out + x;
    int y = 0;
    for (; y < blended; y += kRows, sum = plus(sum, step)) {
      const V l = column_group<kWidth>(left + y);
      const V sample = narrow(column_product<kWidth>(sum, l, left_weight), shift);
      store_group<kWidth>(at + y * stride, stride, blend(sample, t, l, column_group<kWidth>(weights + y), weight_l));
    }
    for (; y < h; y += kRows, sum = plus(sum, step)) {
      const V l = column_group<kWidth>(left + y);
      store_group<kWidth>(at + y * stride, stride, narrow(column_product<kWidth>(sum, l, left_weight), shift));
    }
  }
}

template <int kWidth>
inline void predict_paeth(const int16_t* top, const int16_t* left, int w, int h, int16_t* out, ptrdiff_t stride) {
  const V corner = constant(top[-1]);
  for (int x = 0; x < w; x += kWidth) {
    const V t = row_group<kWidth>(top + x), from_top = sub(t, corner), near_left = absolute(from_top);
    for (int y = 0; y < h; y += Groups<kWidth>::kRows) {
      const V l = column_group<kWidth>(left + y), from_left = sub(l, corner), near_top = absolute(from_left);
      const V side = choose_greater(near_left, near_top, t, l);
      const V nearest = smaller(near_left, near_top), near_corner = absolute(add(from_left, from_top));
      store_group<kWidth>(out + y * stride + x, stride, choose_greater(nearest, near_corner, corner, side));
    }
  }
}

// The purely vertical and horizontal directions, which follow the gradient along the other edge.
template <int kWidth>
inline void predict_straight(const int16_t* top, const int16_t* left, bool vertical, int log2_w, int log2_h,
                             int16_t* out, ptrdiff_t stride) {
  const int w = 1 << log2_w, h = 1 << log2_h, scale = blend_scale(log2_w, log2_h), reach = 3 << scale;
  const int16_t* weights = kBlendWeights.at[scale];
  const V corner = constant(vertical ? left[-1] : top[-1]);
  for (int x = 0; x < w; x += kWidth) {
    const V t = row_group<kWidth>(top + x);
    int16_t* at = out + x;
    int y = 0;
    if (vertical) {
      if (x < reach) {
        const V weight = shift_left(row_group<kWidth>(weights + x), 9);
        for (; y < h; y += Groups<kWidth>::kRows) {
          const V gradient = round_multiply(sub(column_group<kWidth>(left + y), corner), weight);
          store_group<kWidth>(at + y * stride, stride, add(t, gradient));
        }
      }
      for (; y < h; y += Groups<kWidth>::kRows) store_group<kWidth>(at + y * stride, stride, t);
    } else {
      const V slope = sub(t, corner);
      for (; y < h && y < reach; y += Groups<kWidth>::kRows) {
        const V gradient = round_multiply(slope, shift_left(column_group<kWidth>(weights + y), 9));
        store_group<kWidth>(at + y * stride, stride, add(column_group<kWidth>(left + y), gradient));
      }
      for (; y < h; y += Groups<kWidth>::kRows) {
        store_group<kWidth>(at + y * stride, stride, column_group<kWidth>(left + y));
      }
    }
  }
}

// Samples of the edge `main` that directions of this slope read, continued by those of `side` where the slope is
// negative; `space` has room for an edge and is used only then. n samples along main, `steps` away from it.
inline const int16_t* direction_reference(int slope, const int16_t* main, const int16_t* side, int n, int steps,
                                          int16_t* space) {
  if (slope > 0) return main;
  int16_t* base = space + Edges::kBefore;
  for (int i = 0; i < n + 4; i += 16) store(base - 1 + i, load(main - 1 + i));
  const int reach = ((steps * -slope) >> 5) + 3, inverse = inverse_slope(slope);
  for (int k = 1; k < reach; ++k) base[-1 - k] = side[((k * inverse + 128) >> 8) - 1];
  return base;
}

// Where a step away from the edge reads, and with which filter.
struct DirectionStep {
  const int16_t* in;
  const int16_t* taps;

  DirectionStep(const int16_t* reference, const int16_t (*filters)[4], int position)
      : in(reference + (position >> 5) - 1), taps(filters[position & 31]) {}
};

inline void predict_from_above(int slope, const int16_t* top, const int16_t* left, int w, int h, bool smooth,
                               int16_t* out, ptrdiff_t stride) {
  alignas(64) int16_t space[Edges::kLength];
  const int16_t* reference = direction_reference(slope, top, left, w, h, space);
  const int16_t (*filters)[4] = kFilters.tap[smooth];
  int position = slope;
  if (w == 4) {
    for (int y = 0; y < h; ++y, position += slope, out += stride) {
      const DirectionStep step(reference, filters, position);
      store4(out, interpolate4(step.in, step.taps));
    }
  } else if (w == 8) {
    for (int y = 0; y < h; ++y, position += slope, out += stride) {
      const DirectionStep step(reference, filters, position);
      store8(out, interpolate8(step.in, step.taps));
    }
  } else {
    for (int y = 0; y < h; ++y, position += slope, out += stride) {
      const DirectionStep step(reference, filters, position);
      for (int x = 0; x < w; x += 16) store(out + x, interpolate16(step.in + x, step.taps));
    }
  }
}

// The same with the roles of the edges exchanged: columns of the block are interpolated and turned in registers.
inline void predict_from_left(int slope, const int16_t* top, const int16_t* left, int w, int h, bool smooth,
                              int16_t* out, ptrdiff_t stride) {
  alignas(64) int16_t space[Edges::kLength];
  const int16_t* reference = direction_reference(slope, left, top, h, w, space);
  const int16_t (*filters)[4] = kFilters.tap[smooth];
  int position = slope;
  if (h == 4) {
    for (int x = 0; x < w; x += 4) {
      Half rows[4];
      VENEER_UNROLL(4)
      for (int i = 0; i < 4; ++i, position += slope) {
        const DirectionStep step(reference, filters, position);
        rows[i] = interpolate4(step.in, step.taps);
      }
      transpose4(rows);
      VENEER_UNROLL(4)
      for (int i = 0; i < 4; ++i) store4(out + i * stride + x, rows[i]);
    }
  } else if (w == 4) {  // 8 high
    Half rows[8];
    VENEER_UNROLL(4)
    for (int i = 0; i < 4; ++i, position += slope) {
      const DirectionStep step(reference, filters, position);
      rows[i] = interpolate8(step.in, step.taps);
      rows[i + 4] = zero_half();
    }
    transpose8(rows);
    VENEER_UNROLL(8)
    for (int i = 0; i < 8; ++i) store4(out + i * stride, rows[i]);
  } else if (h == 8) {
    for (int x = 0; x < w; x += 8) {
      Half rows[8];
      VENEER_UNROLL(8)
      for (int i = 0; i < 8; ++i, position += slope) {
        const DirectionStep step(reference, filters, position);
        rows[i] = interpolate8(step.in, step.taps);
      }
      transpose8(rows);
      VENEER_UNROLL(8)
      for (int i = 0; i < 8; ++i) store8(out + i * stride + x, rows[i]);
    }
  } else {
    for (int x = 0; x < w; x += 8, position += 8 * slope) {
      for (int y = 0; y < h; y += 16) {
        V rows[8];
        VENEER_UNROLL(8)
        for (int i = 0; i < 8; ++i) {
          const DirectionStep step(reference + y, filters, position + i * slope);
          rows[i] = interpolate16(step.in, step.taps);
        }
        transpose8(rows);
        int16_t* at = out + y * stride + x;
        VENEER_UNROLL(8)
        for (int i = 0; i < 8; ++i) {
          store8(at + i * stride, low_half(rows[i]));
          store8(at + (i + 8) * stride, high_half(rows[i]));
        }
      }
    }
  }
}

template <int kWidth>
inline void predict_width(int mode, const int16_t* top, const int16_t* left, int log2_w, int log2_h, int16_t* out,
                          ptrdiff_t stride) {
  const int w = 1 << log2_w, h = 1 << log2_h;
  switch (mode) {
    case kDc:
      return predict_dc<kWidth>(top, left, log2_w, log2_h, out, stride);
    case kPlanar:
      return predict_planar<kWidth>(top, left, log2_w, log2_h, out, stride);
    case kPaeth:
      return predict_paeth<kWidth>(top, left, w, h, out, stride);
    default:
      return predict_straight<kWidth>(top, left, mode == kPureVertical, log2_w, log2_h, out, stride);
  }
}

inline void predict(int mode, const int16_t* top, const int16_t* left, int log2_w, int log2_h, int16_t* out,
                    ptrdiff_t stride) {
  if (mode < kVertical || mode == kPureVertical || mode == kPureHorizontal) {
    if (log2_w == 2) return predict_width<4>(mode, top, left, log2_w, log2_h, out, stride);
    if (log2_w == 3) return predict_width<8>(mode, top, left, log2_w, log2_h, out, stride);
    return predict_width<16>(mode, top, left, log2_w, log2_h, out, stride);
  }
  const int w = 1 << log2_w, h = 1 << log2_h;
  const bool smooth = log2_w + log2_h >= 6;
  if (mode < kHorizontal) {
    return predict_from_above(kSlopes[0][mode - kVertical], top, left, w, h, smooth, out, stride);
  }
  predict_from_left(kSlopes[1][mode - kHorizontal], top, left, w, h, smooth, out, stride);
}

template <int kWidth>
inline void from_luma_width(int alpha, const int16_t* top, const int16_t* left, const int16_t* luma,
                            ptrdiff_t luma_stride, int log2_w, int log2_h, int widest, int16_t* out, ptrdiff_t stride) {
  constexpr int kRows = Groups<kWidth>::kRows;
  const int w = 1 << log2_w, h = 1 << log2_h;
  Total total = no_total();
  for (int y = 0; y < h; y += kRows) {
    for (int x = 0; x < w; x += kWidth) {
      total = add_samples(total, load_group<kWidth>(luma + y * luma_stride + x, luma_stride));
    }
  }
  const V mean = constant((sum_total(total) + ((w * h) >> 1)) >> (log2_w + log2_h));
  const V dc = constant(dc_value(top, left, log2_w, log2_h));
  // (alpha d + 4) >> 3 as a rounded product of 2 d and 2^11 alpha, which fit int16 where 2^12 alpha would not.
  const V factor = constant(alpha * 2048), low = constant(-widest), high = constant(widest);
  Groups<kWidth>::fill(w, h, out, stride, [&](int x, int y) {
    const V d = sub(load_group<kWidth>(luma + y * luma_stride + x, luma_stride), mean);
    return smaller(larger(add_saturated(dc, round_multiply(add(d, d), factor)), low), high);
  });
}

inline void predict_from_luma(int alpha, const int16_t* top, const int16_t* left, const int16_t* luma,
                              ptrdiff_t luma_stride, int log2_w, int log2_h, int widest, int16_t* out,
                              ptrdiff_t stride) {
  if (log2_w == 2) return from_luma_width<4>(alpha, top, left, luma, luma_stride, log2_w, log2_h, widest, out, stride);
  if (log2_w == 3) return from_luma_width<8>(alpha, top, left, luma, luma_stride, log2_w, log2_h, widest, out, stride);
  from_luma_width<16>(alpha, top, left, luma, luma_stride, log2_w, log2_h, widest, out, stride);
}

template <int kWidth>
inline void by_slopes_width(int s, int t, const int* mean, int base, const int16_t* luma, const int16_t* co,
                            ptrdiff_t plane_stride, int w, int h, int widest, int16_t* out, ptrdiff_t stride) {
  const V mean_y = constant(mean[0]), mean_o = constant(mean[1]), slope_y = constant(s), slope_o = constant(t);
  const V middle = constant(base), low = constant(-widest), high = constant(widest);
  Groups<kWidth>::fill(w, h, out, stride, [&](int x, int y) {
    const V d_y = sub(load_group<kWidth>(luma + y * plane_stride + x, plane_stride), mean_y);
    const V d_o = sub(load_group<kWidth>(co + y * plane_stride + x, plane_stride), mean_o);
    const V change = narrow(dot(wide(128), zip(d_y, d_o), zip(slope_y, slope_o)), 8);
    return smaller(larger(add_saturated(middle, change), low), high);
  });
}

inline void predict_by_slopes(int s, int t, const int* mean, int base, const int16_t* luma, const int16_t* co,
                              ptrdiff_t plane_stride, int log2_w, int log2_h, int widest, int16_t* out,
                              ptrdiff_t stride) {
  const int w = 1 << log2_w, h = 1 << log2_h;
  if (w == 4) return by_slopes_width<4>(s, t, mean, base, luma, co, plane_stride, w, h, widest, out, stride);
  if (w == 8) return by_slopes_width<8>(s, t, mean, base, luma, co, plane_stride, w, h, widest, out, stride);
  by_slopes_width<16>(s, t, mean, base, luma, co, plane_stride, w, h, widest, out, stride);
}

}  // namespace
}  // namespace veneer::VENEER_TARGET
