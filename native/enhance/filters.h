// Filters of a tile over the enhanced picture.
// Source: docs/format.md, "Filters".
#pragma once
#include <cstdint>

#include "base/row_filter.h"
#include "common/image.h"

namespace veneer {

constexpr int kFilterTaps = 12;   // of luma and grey the last three are 0
constexpr int kFilterMargin = 3;  // pixels around one that have an influence on it
constexpr int kFilterRows = 32;   // rows of a tile that are worked on at a time

// The filters of one plane, for each class of pixels; all coefficients are 0 where the plane has none.
struct PlaneFilters {
  int32_t
      thresholds[kMaxFilterClasses - 1];  // a pixel's class is the number of those that its activity reaches; they rise
  int32_t coefficients[kFilterTaps][kMaxFilterClasses];
  bool any() const;
};

// A picture with 1 or 3 channels, or a part of it: enhanced in 1/64 of a level, 0..16320, and the base that it was made of
// in quarters, 0..1020, of the same size.
struct FilterInput {
  View<const int16_t> enhanced, base;
  int planes() const { return enhanced.channels; }
};

// Filters the pixels of a box of at most kFilterRows rows: `filters` has one entry for each plane, and differences are
// clipped to -clip .. clip sixteenths of a level. `out` is a picture of the input's size.
void filter_box(const FilterInput& input, const Rect& box, const PlaneFilters* filters, int clip,
                const View<int16_t>& out);

}  // namespace veneer
