// Wiener filters of rows of samples, whose coefficients each sample chooses by the activity around it: function table, one
// per SIMD target.
//
// Place: filters of tiles (tile_filters.cpp) and filters over the enhanced picture (enhance/filters.cpp) are this with
// other units and other features. dct_dispatch.cpp chooses the table. Every target gives the same bits.
// Source: docs/format.md, "Filters of tiles" and "Filters".
#pragma once
#include <cstddef>
#include <cstdint>

#include "common/inline.h"
#include "common/memory.h"

namespace veneer {

constexpr int kMaxFilterClasses = 8;
constexpr int kMaxFilterFeatures = 12;

// What a coefficient weights in sample x of a row: a[x] - c[x] and b[x] - c[x], each within +-limit, added.
// Samples lie within 16383 of each other, so that every feature fits 16 bits.
struct FilterFeature {
  const int16_t *a, *b, *c;
  int16_t limit;

  VENEER_INLINE int16_t at(int x) const {
    const int before = a[x] - c[x], after = b[x] - c[x];
    return static_cast<int16_t>((before < -limit  ? -limit
                                 : before > limit ? limit
                                                  : before) +
                                (after < -limit  ? -limit
                                 : after > limit ? limit
                                                 : after));
  }
};

constexpr int16_t kNoLimit = INT16_MAX;

// Both neighbours at an offset.
inline FilterFeature around(const int16_t* p, ptrdiff_t offset, int16_t limit = kNoLimit) {
  return {p + offset, p - offset, p, limit};
}
// Another row less this one.
inline FilterFeature between(const int16_t* other, const int16_t* p) { return {other, p, p, kNoLimit}; }

// The coefficients of a plane. Of a sample whose activity reaches k of the thresholds they are tap[...][k].
struct ClassTaps {
  int classes = 1;
  int32_t threshold[kMaxFilterClasses - 1] = {};  // classes - 1 of them, rising
  int8_t tap[kMaxFilterFeatures][kMaxFilterClasses] = {};
};

struct FilterKernels {
  // out[x] = sum over i in -2 .. 2 of d(x + i) >> extra, where d(x) = |2 p[x] - p[x - 1] - p[x + 1]| + |2 p[x] - p[x -
  // stride] - p[x + stride]|; three samples around the row are read, and d >> extra is at most 16383. scratch: width + 4.
  void (*curvature)(const int16_t* p, ptrdiff_t stride, int width, int extra, uint16_t* scratch, int32_t* out);

  // out = the sum of five rows.
  void (*add_rows)(const int32_t* const rows[5], int width, int32_t* out);

  // change[x] = the sum of the features times the coefficients of x's class.
  void (*weight)(const ClassTaps& taps, const FilterFeature* features, int count, const int32_t* activity, int width,
                 int32_t* change);

  // samples[x] = clamp(samples[x] + ((change[x] + round) >> shift), low, high), where round is half of what is shifted out.
  void (*apply)(const int32_t* change, int shift, int low, int high, int width, int16_t* samples);
};

const FilterKernels& scalar_filter_kernels();
// The same choice as that of kernels() and force_kernels().
const FilterKernels& filter_kernels();

// Sums of absolute second differences over the 5 x 5 samples around each of a row.
class ActivityRows {
 public:
  // `samples` is the first of row 0; three samples around each that is asked for are read. extra: binary places of
  // differences that do not count.
  ActivityRows(const int16_t* samples, ptrdiff_t stride, int width, int extra = 0)
      : samples_(samples), stride_(stride), width_(width), extra_(extra), differences_(width + 4), total_(width) {
    for (auto& sums : sums_) sums.resize(width);
  }

  // Of row y; rows must be asked for in rising order, from 0 on.
  const int32_t* row(int y) {
    const FilterKernels& k = filter_kernels();
    for (; next_ <= y + 2; ++next_) {
      k.curvature(samples_ + next_ * stride_, stride_, width_, extra_, differences_.data(),
                  sums_[(next_ + 5) % 5].data());
    }
    const int32_t* rows[5];
    for (int i = 0; i < 5; ++i) rows[i] = sums_[i].data();
    k.add_rows(rows, width_, total_.data());
    return total_.data();
  }

 private:
  const int16_t* samples_;
  ptrdiff_t stride_;
  int width_, extra_, next_ = -2;
  Vector<uint16_t> differences_;
  Vector<int32_t> sums_[5], total_;
};

}  // namespace veneer
