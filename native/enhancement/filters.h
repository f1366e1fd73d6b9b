// Filters of a tile over the enhanced picture.
// Source: docs/format.md, "Filters".
#pragma once
#include <cstddef>
#include <cstdint>

#include "base/row_filter.h"

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

// A picture, or a part of it: enhanced in 1/64 of a level, 0..16320, and the base that it was made of in quarters,
// 0..1020. Samples are interleaved.
struct FilterInput {
  const int16_t* enhanced;
  const int16_t* base;
  int width, height, channels;  // 1 or 3
  int planes() const { return channels; }
};

struct FilterBox {
  int x, y, width, height;
};

// Filters the pixels of a box of at most kFilterRows rows: `filters` has one entry for each plane, and differences are
// clipped to -clip .. clip sixteenths of a level. `out` is a picture
// like the input's.
void filter_box(const FilterInput& input, const FilterBox& box, const PlaneFilters* filters, int clip, int16_t* out);

}  // namespace veneer
