#include "enhancement/filters.h"

#include <algorithm>
#include <cstdlib>
#include <vector>

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

// Sums of absolute second differences over the 5 x 5 pixels around each of a box, in quarters of a level.
std::vector<int32_t> activity_of(const Planes& planes, int plane, const FilterBox& box) {
  const int width = box.width, wide = width + 4;
  const ptrdiff_t stride = planes.stride();
  std::vector<int32_t> sums(static_cast<size_t>(width) * (box.height + 4)),
      total(static_cast<size_t>(width) * box.height);
  std::vector<int32_t> differences(wide);
  for (int v = 0; v < box.height + 4; ++v) {
    const int16_t* p = planes.at(plane, -2, v - 2);
    for (int u = 0; u < wide; ++u) {
      const int twice = 2 * p[u];
      differences[u] = std::abs(twice - p[u - 1] - p[u + 1]) + std::abs(twice - p[u - stride] - p[u + stride]);
    }
    int32_t* out = sums.data() + static_cast<ptrdiff_t>(v) * width;
    const int32_t* d = differences.data();
    for (int u = 0; u < width; ++u) out[u] = d[u] + d[u + 1] + d[u + 2] + d[u + 3] + d[u + 4];
  }
  for (int v = 0; v < box.height; ++v) {
    const int32_t* s = sums.data() + static_cast<ptrdiff_t>(v) * width;
    int32_t* out = total.data() + static_cast<ptrdiff_t>(v) * width;
    for (int u = 0; u < width; ++u)
      out[u] = (s[u] + s[u + width] + s[u + 2 * width] + s[u + 3 * width] + s[u + 4 * width]) >> 2;
  }
  return total;
}

// A row of a plane and that of its base in 1/16 of a level. What is made of them is too, and fits 16 bits.
struct PlaneRow {
  const int16_t* p;
  const int16_t* base;

  int16_t from_base(int x) const { return static_cast<int16_t>(base[x] - p[x]); }
  // The sum of opposite neighbours less twice the pixel.
  int16_t around(int x, ptrdiff_t offset) const {
    return static_cast<int16_t>(p[x + offset] + p[x - offset] - 2 * p[x]);
  }
  // The same of clipped differences.
  int16_t clipped(int x, ptrdiff_t offset, int16_t clip) const {
    const auto after = static_cast<int16_t>(p[x + offset] - p[x]);
    const auto before = static_cast<int16_t>(p[x - offset] - p[x]);
    const auto low = static_cast<int16_t>(-clip);
    return static_cast<int16_t>(std::clamp(after, low, clip) + std::clamp(before, low, clip));
  }
};

// What coefficients weight in a row of pixels.
struct FeatureRow {
  PlaneRow own, luma;
  bool chroma;
  ptrdiff_t stride;
  int16_t clip;

  // visit(tap, feature) for each coefficient, where feature(x) is what it weights in pixel x.
  template <typename Visit>
  void each(const Visit& visit) const {
    int tap = 0;
    visit(tap++, [row = own](int x) { return row.from_base(x); });
    for (const ptrdiff_t offset : {ptrdiff_t{1}, stride, stride + 1, stride - 1, ptrdiff_t{2}, 2 * stride}) {
      visit(tap++, [row = own, offset](int x) { return row.around(x, offset); });
    }
    for (const ptrdiff_t offset : {ptrdiff_t{1}, stride}) {
      visit(tap++, [row = own, offset, clip = clip](int x) { return row.clipped(x, offset, clip); });
    }
    if (!chroma) return;
    for (const ptrdiff_t offset : {ptrdiff_t{1}, stride}) {
      visit(tap++, [row = luma, offset](int x) { return row.around(x, offset); });
    }
    visit(tap++, [row = luma](int x) { return row.from_base(x); });
  }
};

// Those of row v of a box.
FeatureRow features_of(const Planes& planes, int plane, int v, int16_t* const* base_rows, int clip) {
  return {{planes.at(plane, 0, v), base_rows[plane]},
          {planes.at(0, 0, v), base_rows[0]},
          plane > 0,
          planes.stride(),
          static_cast<int16_t>(std::min(clip, int{INT16_MAX}))};
}

}  // namespace

bool PlaneFilters::any() const {
  for (const auto& tap : coefficients) {
    if (std::any_of(std::begin(tap), std::end(tap), [](int32_t value) { return value != 0; })) return true;
  }
  return false;
}

namespace {

// The changes of a row of a plane in 1/2048 of a level.
class RowFilter {
 public:
  RowFilter(const PlaneFilters& filters, int width) : filters_(filters), width_(width), taps_(width) {
    masks_.resize(static_cast<size_t>(width) * (kMaxFilterClasses - 1));
  }

  void run(const FeatureRow& features, const int32_t* activity, int32_t* change) {
    classes_ = 1;
    while (classes_ < kMaxFilterClasses && filters_.thresholds[classes_ - 1] != INT32_MAX) ++classes_;
    for (int k = 1; k < classes_; ++k) {
      const int32_t threshold = filters_.thresholds[k - 1];
      int16_t* mask = mask_of(k);
      for (int u = 0; u < width_; ++u) mask[u] = static_cast<int16_t>(-(activity[u] >= threshold));
    }
    std::fill(change, change + width_, 0);
    features.each([&](int tap, const auto& feature) {
      choose_taps(tap);
      for (int u = 0; u < width_; ++u) change[u] += taps_[u] * feature(u);
    });
  }

 private:
  int16_t* mask_of(int k) { return masks_.data() + static_cast<ptrdiff_t>(k - 1) * width_; }

  // The coefficient of each pixel: that of the first class, and what each threshold that is reached adds.
  void choose_taps(int tap) {
    const int32_t* own = filters_.coefficients[tap];
    std::fill(taps_.begin(), taps_.end(), static_cast<int16_t>(own[0]));
    for (int k = 1; k < classes_; ++k) {
      const auto more = static_cast<int16_t>(own[k] - own[k - 1]);
      const int16_t* mask = mask_of(k);
      for (int u = 0; u < width_; ++u) taps_[u] = static_cast<int16_t>(taps_[u] + (mask[u] & more));
    }
  }

  const PlaneFilters& filters_;
  int width_, classes_ = 1;
  std::vector<int16_t> masks_, taps_;
};

}  // namespace

void filter_box(const FilterInput& input, const FilterBox& box, const PlaneFilters* filters, int clip, int16_t* out) {
  const Planes planes(input, box);
  const int width = box.width;
  std::vector<int16_t> base(static_cast<size_t>(kPlanes) * width);
  std::vector<int32_t> changes(static_cast<size_t>(kPlanes) * width);
  int16_t* base_rows[kPlanes] = {base.data(), base.data() + width, base.data() + 2 * static_cast<ptrdiff_t>(width)};
  std::vector<int32_t> activity[kPlanes];
  std::vector<RowFilter> row_filters;
  for (int p = 0; p < input.planes(); ++p) {
    if (filters[p].any()) activity[p] = activity_of(planes, p, box);
    row_filters.emplace_back(filters[p], width);
  }
  for (int v = 0; v < box.height; ++v) {
    const ptrdiff_t row = (static_cast<ptrdiff_t>(box.y + v) * input.width + box.x) * input.channels;
    load_row(input.base + row, input.channels, width, base_rows);
    for (int p = 0; p < input.planes(); ++p) {
      if (activity[p].empty()) continue;
      row_filters[p].run(features_of(planes, p, v, base_rows, clip),
                         activity[p].data() + static_cast<ptrdiff_t>(v) * width,
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
    const std::vector<int32_t> activity = activity_of(planes, p, box);
    std::fill(sums.begin(), sums.end(), 0.0);
    for (int v = 0; v < box.height; ++v) {
      const ptrdiff_t row = (static_cast<ptrdiff_t>(box.y + v) * input.width + box.x) * input.channels;
      load_row(input.base + row, input.channels, width, base_rows);
      load_row(original + row, input.channels, width, wanted_rows);
      const FeatureRow features = features_of(planes, p, v, base_rows, clip);
      for (int u = 0; u < width; ++u) {
        double values[kSize] = {};
        features.each([&](int tap, const auto& feature) { values[tap] = feature(u); });
        values[kFilterTaps] = 4 * wanted_rows[p][u] - features.own.p[u];
        int bin = 0;
        for (int32_t rest = activity[static_cast<size_t>(v) * width + u]; rest >= 8; rest >>= 1) bin += 4;
        bin += std::max(0, (activity[static_cast<size_t>(v) * width + u] >> (bin / 4)) - 4);
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
