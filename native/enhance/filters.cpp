#include "enhance/filters.h"

#include <algorithm>
#include <iterator>

#include "base/row_filter.h"
#include "enhance/filter_features.h"

namespace veneer {
namespace {

constexpr int kLargest = 255 << 6;

ClassTaps class_taps(const PlaneFilters& filters) {
  ClassTaps taps;
  while (taps.classes < kMaxFilterClasses && filters.thresholds[taps.classes - 1] != INT32_MAX) {
    taps.threshold[taps.classes - 1] = filters.thresholds[taps.classes - 1] << filter_features::kActivityLog2;
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

void filter_box(const FilterInput& input, const Rect& box, const PlaneFilters* filters, int clip,
                const View<int16_t>& out) {
  const filter_features::Planes planes(input, box);
  const int width = box.width;
  Vector<int16_t> base(static_cast<size_t>(filter_features::kPlanes) * width);
  Vector<int32_t> changes(static_cast<size_t>(filter_features::kPlanes) * width);
  int16_t* base_rows[filter_features::kPlanes] = {base.data(), base.data() + width,
                                                  base.data() + 2 * static_cast<ptrdiff_t>(width)};
  Vector<ActivityRows> activity;
  ClassTaps taps[filter_features::kPlanes];
  for (int p = 0; p < input.planes(); ++p) {
    activity.emplace_back(planes.at(p, 0, 0), planes.stride(), width);
    taps[p] = class_taps(filters[p]);
  }
  for (int v = 0; v < box.height; ++v) {
    filter_features::load_row(input.base.at(box.x, box.y + v), input.planes(), width, base_rows);
    for (int p = 0; p < input.planes(); ++p) {
      if (!filters[p].any()) continue;
      const filter_features::Features features(planes, p, v, base_rows, clip);
      filter_kernels().weight(taps[p], features.list, features.count, activity[p].row(v), width,
                              changes.data() + static_cast<ptrdiff_t>(p) * width);
    }
    const int16_t* in = input.enhanced.at(box.x, box.y + v);
    int16_t* result = out.at(box.x, box.y + v);
    const auto moved = [](int value, int change) {
      return static_cast<int16_t>(std::clamp(value + ((change + 16) >> 5), 0, kLargest));
    };
    for (int u = 0; u < width; ++u) {
      if (input.planes() == 1) {
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

}  // namespace veneer
