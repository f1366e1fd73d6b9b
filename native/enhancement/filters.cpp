#include "enhancement/filters.h"

#include <algorithm>
#include <vector>

#include "base/row_filter.h"

namespace veneer {
namespace {

constexpr int kPlanes = 3, kMaxUnrounded = 255 << 6;
constexpr int kSize = kFilterTaps + 1;

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
  Planes(const FilterInput& input, const FilterBox& box)
      : stride_(box.width + 2 * kFilterMargin), rows_(box.height + 2 * kFilterMargin) {
    values_.resize(static_cast<size_t>(input.planes()) * stride_ * rows_);
    const int left = std::max(box.x - kFilterMargin, 0);
    const int count = std::min(box.x + box.width + kFilterMargin, input.width) - left;
    std::vector<int16_t> quarters(static_cast<size_t>(count) * input.channels);
    for (int v = 0; v < rows_; ++v) {
      const int y = std::clamp(box.y - kFilterMargin + v, 0, input.height - 1);
      const int before = left - (box.x - kFilterMargin);
      int16_t* rows[kPlanes];
      for (int p = 0; p < input.planes(); ++p) {
        rows[p] = values_.data() + (static_cast<size_t>(p) * rows_ + v) * stride_ + before;
      }
      const int16_t* enhanced = input.enhanced + (static_cast<ptrdiff_t>(y) * input.width + left) * input.channels;
      for (size_t i = 0; i < quarters.size(); ++i) quarters[i] = static_cast<int16_t>((enhanced[i] + 8) >> 4);
      load_row(quarters.data(), input.channels, count, rows);
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
  std::vector<int16_t> values_;
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

ClassTaps class_taps(const PlaneFilters& filters) {
  ClassTaps taps;
  while (taps.classes < kMaxFilterClasses && filters.thresholds[taps.classes - 1] != INT32_MAX) {
    taps.threshold[taps.classes - 1] = filters.thresholds[taps.classes - 1] << kActivityLog2;
    ++taps.classes;
  }
  for (int i = 0; i < kFilterTaps; ++i) {
    for (int k = 0; k < kMaxFilterClasses; ++k) taps.tap[i][k] = static_cast<int8_t>(filters.coefficients[i][k]);
  }
  return taps;
}

}  // namespace

bool PlaneFilters::any() const {
  for (const auto& tap : coefficients) {
    if (std::any_of(std::begin(tap), std::end(tap), [](int32_t value) { return value != 0; })) return true;
  }
  return false;
}

void filter_box(const FilterInput& input, const FilterBox& box, const PlaneFilters* filters, int clip, int16_t* out) {
  const Planes planes(input, box);
  const int width = box.width;
  std::vector<int16_t> base(static_cast<size_t>(kPlanes) * width);
  std::vector<int32_t> changes(static_cast<size_t>(kPlanes) * width);
  int16_t* base_rows[kPlanes] = {base.data(), base.data() + width, base.data() + 2 * static_cast<ptrdiff_t>(width)};
  std::vector<ActivityRows> activity;
  ClassTaps taps[kPlanes];
  for (int p = 0; p < input.planes(); ++p) {
    activity.emplace_back(planes.at(p, 0, 0), planes.stride(), width);
    taps[p] = class_taps(filters[p]);
  }
  for (int v = 0; v < box.height; ++v) {
    const ptrdiff_t row = (static_cast<ptrdiff_t>(box.y + v) * input.width + box.x) * input.channels;
    load_row(input.base + row, input.channels, width, base_rows);
    for (int p = 0; p < input.planes(); ++p) {
      if (!filters[p].any()) continue;
      const Features features(planes, p, v, base_rows, clip);
      filter_kernels().weight(taps[p], features.list, features.count, activity[p].row(v), width,
                              changes.data() + static_cast<ptrdiff_t>(p) * width);
    }
    const int16_t* in = input.enhanced + row;
    int16_t* result = out + row;
    const auto moved = [](int value, int change) {
      return static_cast<int16_t>(std::clamp(value + ((change + 16) >> 5), 0, kMaxUnrounded));
    };
    for (int u = 0; u < width; ++u) {
      if (input.channels == 1) {
        result[u] = moved(in[u], changes[u]);
      } else {
        const int y = changes[u], co = changes[width + u], cg = changes[2 * static_cast<ptrdiff_t>(width) + u];
        result[3 * u] = moved(in[3 * u], y - cg + co);
        result[3 * u + 1] = moved(in[3 * u + 1], y + cg);
        result[3 * u + 2] = moved(in[3 * u + 2], y - cg - co);
      }
    }
  }
}

void add_filter_products(const FilterInput& input, const uint8_t* original, const FilterBox& box, int clip,
                         int64_t* totals) {
  const Planes planes(input, box);
  const int width = box.width;
  std::vector<int16_t> base(static_cast<size_t>(kPlanes) * width), wanted(base.size());
  int16_t *base_rows[kPlanes], *wanted_rows[kPlanes];
  for (int p = 0; p < kPlanes; ++p) {
    base_rows[p] = base.data() + static_cast<ptrdiff_t>(p) * width;
    wanted_rows[p] = wanted.data() + static_cast<ptrdiff_t>(p) * width;
  }
  // Sums of whole numbers below 2^53 are exact in double, in whatever order: at most 65536 x 32 products of 2^28.
  std::vector<double> sums(static_cast<size_t>(kActivityBins) * kSize * kSize);
  for (int p = 0; p < input.planes(); ++p) {
    ActivityRows activity(planes.at(p, 0, 0), planes.stride(), width);
    std::fill(sums.begin(), sums.end(), 0.0);
    for (int v = 0; v < box.height; ++v) {
      const ptrdiff_t row = (static_cast<ptrdiff_t>(box.y + v) * input.width + box.x) * input.channels;
      load_row(input.base + row, input.channels, width, base_rows);
      load_row(original + row, input.channels, width, wanted_rows);
      const Features features(planes, p, v, base_rows, clip);
      const int32_t* activities = activity.row(v);
      for (int u = 0; u < width; ++u) {
        double values[kSize] = {};
        for (int i = 0; i < features.count; ++i) values[i] = features.list[i].at(u);
        values[kFilterTaps] = 4 * wanted_rows[p][u] - planes.at(p, u, v)[0];
        const int32_t reached = activities[u] >> kActivityLog2;
        int bin = 0;
        for (int32_t rest = reached; rest >= 8; rest >>= 1) bin += 4;
        bin += std::max(0, (reached >> (bin / 4)) - 4);
        double* sum = sums.data() + static_cast<ptrdiff_t>(bin) * kSize * kSize;
        for (int i = 0; i < kSize; ++i) {
          // Two at a time; the other half of the table is the same.
          for (int j = i & ~1; j < kSize; ++j) sum[i * kSize + j] += values[i] * values[j];
        }
      }
    }
    int64_t* total = totals + static_cast<ptrdiff_t>(p) * static_cast<ptrdiff_t>(sums.size());
    for (size_t i = 0; i < sums.size(); ++i) total[i] += static_cast<int64_t>(sums[i]);
  }
}

}  // namespace veneer
