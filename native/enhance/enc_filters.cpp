#include "enhance/enc_filters.h"

#include <algorithm>
#include <vector>

#include "enhance/filter_features.h"

namespace veneer {
namespace {

constexpr int kSize = kFilterTaps + 1;

}  // namespace

void add_filter_products(const FilterInput& input, const uint8_t* original, const Rect& box, int clip,
                         int64_t* totals) {
  const filter_features::Planes planes(input, box);
  const int width = box.width;
  std::vector<int16_t> base(static_cast<size_t>(filter_features::kPlanes) * width), wanted(base.size());
  int16_t *base_rows[filter_features::kPlanes], *wanted_rows[filter_features::kPlanes];
  for (int p = 0; p < filter_features::kPlanes; ++p) {
    base_rows[p] = base.data() + static_cast<ptrdiff_t>(p) * width;
    wanted_rows[p] = wanted.data() + static_cast<ptrdiff_t>(p) * width;
  }
  // Sums of whole numbers below 2^53 are exact in double, in whatever order: at most 65536 x 32 products of 2^28.
  std::vector<double> sums(static_cast<size_t>(kActivityBins) * kSize * kSize);
  for (int p = 0; p < input.planes(); ++p) {
    ActivityRows activity(planes.at(p, 0, 0), planes.stride(), width);
    std::fill(sums.begin(), sums.end(), 0.0);
    for (int v = 0; v < box.height; ++v) {
      const ptrdiff_t row = (static_cast<ptrdiff_t>(box.y + v) * input.enhanced.width + box.x) * input.planes();
      filter_features::load_row(input.base.at(box.x, box.y + v), input.planes(), width, base_rows);
      filter_features::load_row(original + row, input.planes(), width, wanted_rows);
      const filter_features::Features features(planes, p, v, base_rows, clip);
      const int32_t* activities = activity.row(v);
      for (int u = 0; u < width; ++u) {
        double values[kSize] = {};
        for (int i = 0; i < features.count; ++i) values[i] = features.list[i].at(u);
        values[kFilterTaps] = 4 * wanted_rows[p][u] - planes.at(p, u, v)[0];
        const int32_t reached = activities[u] >> filter_features::kActivityLog2;
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
