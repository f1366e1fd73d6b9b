// Features that the coefficients of filters over the enhanced picture weight, from planes of a box with a margin.
//
// Place: filters.cpp runs filters, enc_filters.cpp sums the statistics for choosing them.
// Source: docs/format.md, "Filters".
#pragma once
#include <algorithm>

#include "base/row_filter.h"
#include "enhance/filters.h"

namespace veneer::filter_features {

constexpr int kPlanes = 3;

// Y, Co and Cg of interleaved samples in four times their units, so that they are whole; grey is four times itself.
template <typename Sample>
void load_row(const Sample* row, int channels, int count, int16_t* const* planes) {
  if (channels == 1) {
    for (int i = 0; i < count; ++i) planes[0][i] = static_cast<int16_t>(4 * row[i]);
    return;
  }
  for (int i = 0; i < count; ++i) {
    const int r = row[3 * i], g = row[3 * i + 1], b = row[3 * i + 2];
    planes[0][i] = static_cast<int16_t>(r + 2 * g + b);
    planes[1][i] = static_cast<int16_t>(2 * (r - b));
    planes[2][i] = static_cast<int16_t>(2 * g - r - b);
  }
}

// The planes of a box with a margin, pixels outside the picture being the nearest inside.
class Planes {
 public:
  Planes(const FilterInput& input, const Rect& box)
      : stride_(box.width + 2 * kFilterMargin), rows_(box.height + 2 * kFilterMargin) {
    values_.resize(static_cast<size_t>(input.planes()) * stride_ * rows_);
    const int left = std::max(box.x - kFilterMargin, 0);
    const int count = std::min(box.x + box.width + kFilterMargin, input.enhanced.width) - left;
    Vector<int16_t> quarters(static_cast<size_t>(count) * input.planes());
    for (int v = 0; v < rows_; ++v) {
      const int y = std::clamp(box.y - kFilterMargin + v, 0, input.enhanced.height - 1);
      const int before = left - (box.x - kFilterMargin);
      int16_t* rows[kPlanes];
      for (int p = 0; p < input.planes(); ++p) {
        rows[p] = values_.data() + (static_cast<size_t>(p) * rows_ + v) * stride_ + before;
      }
      const int16_t* enhanced = input.enhanced.at(left, y);
      for (size_t i = 0; i < quarters.size(); ++i) quarters[i] = static_cast<int16_t>((enhanced[i] + 8) >> 4);
      load_row(quarters.data(), input.planes(), count, rows);
      for (int p = 0; p < input.planes(); ++p) {
        std::fill(rows[p] - before, rows[p], rows[p][0]);
        std::fill(rows[p] + count, rows[p] - before + stride_, rows[p][count - 1]);
      }
    }
  }

  ptrdiff_t stride() const { return stride_; }
  // Of the pixel in column x and row y of the box; both may be outside by the margin.
  const int16_t* at(int plane, int x, int y) const {
    return values_.data() + (static_cast<ptrdiff_t>(plane) * rows_ + y + kFilterMargin) * stride_ + x + kFilterMargin;
  }

 private:
  int stride_, rows_;
  Vector<int16_t> values_;
};

// The features of row v of a box; base_rows are those of its planes.
struct Features {
  Features(const Planes& planes, int plane, int v, int16_t* const* base_rows, int clip) {
    const int16_t *own = planes.at(plane, 0, v), *luma = planes.at(0, 0, v);
    const ptrdiff_t stride = planes.stride();
    list[count++] = between(base_rows[plane], own);
    for (const ptrdiff_t offset : {ptrdiff_t{1}, stride, stride + 1, stride - 1, ptrdiff_t{2}, 2 * stride}) {
      list[count++] = around(own, offset);
    }
    const auto limit = static_cast<int16_t>(std::min(clip, int{kNoLimit}));
    for (const ptrdiff_t offset : {ptrdiff_t{1}, stride}) list[count++] = around(own, offset, limit);
    if (plane == 0) return;
    for (const ptrdiff_t offset : {ptrdiff_t{1}, stride}) list[count++] = around(luma, offset);
    list[count++] = between(base_rows[0], luma);
  }
  FilterFeature list[kFilterTaps];
  int count = 0;
};

// Activity is in quarters of a level in the syntax; sums are four times that.
constexpr int kActivityLog2 = 2;

}  // namespace veneer::filter_features
