#include "tile_filters.h"

#include <cstdlib>
#include <cstring>

namespace veneer {

int read_tile_filter(const uint8_t* data, size_t size, int planes, TileFilter* filter) {
  if (size < 1 || size - 1 < data[0]) return -1;
  filter->planes = planes;
  if (data[0] == 0) return 1;
  BitReader io(data + 1, data[0]);
  if (!code_tile_filter(io, *filter) || !io.valid()) return -1;
  return 1 + data[0];
}

PaddedPlane::PaddedPlane(const Tile& tile, int plane, int first_row, int rows)
    : stride_(tile.width + 2 * kTileFilterMargin) {
  constexpr int kMargin = kTileFilterMargin;
  samples_.resize(static_cast<size_t>(stride_) * (rows + 2 * kMargin));
  for (int y = -kMargin; y < rows + kMargin; ++y) {
    const int16_t* from = tile.at(plane, 0, std::clamp(first_row + y, 0, tile.height - 1));
    int16_t* to = samples_.data() + (y + kMargin) * stride_;
    std::fill_n(to, kMargin, from[0]);
    std::memcpy(to + kMargin, from, sizeof(int16_t) * tile.width);
    std::fill_n(to + kMargin + tile.width, kMargin, from[tile.width - 1]);
  }
}

void ActivityRows::add_sums(int y) {
  const int16_t* p = plane_.at(-2, y);
  const ptrdiff_t stride = plane_.stride();
  differences_.resize(width_ + 4);
  int32_t* d = differences_.data();
  for (int u = 0; u < width_ + 4; ++u) {
    const int twice = 2 * p[u];
    d[u] = std::abs(twice - p[u - 1] - p[u + 1]) + std::abs(twice - p[u - stride] - p[u + stride]);
  }
  std::vector<int32_t>& sums = sums_[(y + 5) % 5];
  sums.resize(width_);
  int32_t* out = sums.data();
  for (int u = 0; u < width_; ++u) out[u] = d[u] + d[u + 1] + d[u + 2] + d[u + 3] + d[u + 4];
}

const int32_t* ActivityRows::row(int y) {
  for (; next_ <= y + 2; ++next_) add_sums(next_);
  total_.resize(width_);
  int32_t* out = total_.data();
  const int32_t* s[5];
  for (int i = 0; i < 5; ++i) s[i] = sums_[i].data();
  for (int u = 0; u < width_; ++u) out[u] = s[0][u] + s[1][u] + s[2][u] + s[3][u] + s[4][u];
  return out;
}

namespace {

constexpr int kStripRows = 64;

// The changes of the samples of a row in 1/128.
class RowChanges {
 public:
  RowChanges(const PlaneFilter& filter, int width)
      : filter_(filter),
        width_(width),
        taps_(width),
        change_(width),
        reached_(static_cast<size_t>(width) * kTileFilterClasses) {}

  const int32_t* row(const int16_t* own, const int16_t* luma, ptrdiff_t stride, int plane, int clip,
                     const int32_t* activity) {
    for (int k = 1; k < filter_.count; ++k) {
      const int32_t threshold = tile_filter_step(filter_.code[k]);
      int16_t* reached = reached_of(k);
      for (int u = 0; u < width_; ++u) reached[u] = static_cast<int16_t>(-(activity[u] >= threshold));
    }
    std::fill(change_.begin(), change_.end(), 0);
    each_filter_feature(own, luma, stride, plane, clip, [&](int tap, const auto& feature) {
      if (!choose_taps(tap)) return;
      const int16_t* taps = taps_.data();
      int32_t* change = change_.data();
      for (int u = 0; u < width_; ++u) change[u] += taps[u] * feature(u);
    });
    return change_.data();
  }

 private:
  int16_t* reached_of(int k) { return reached_.data() + static_cast<ptrdiff_t>(k) * width_; }

  // The coefficient of each sample: that of the first class, and what each threshold that is reached adds.
  bool choose_taps(int tap) {
    bool any = false;
    for (int k = 0; k < filter_.count; ++k) any |= filter_.tap[k][tap] != 0;
    if (!any) return false;
    std::fill(taps_.begin(), taps_.end(), int16_t{filter_.tap[0][tap]});
    int16_t* taps = taps_.data();
    for (int k = 1; k < filter_.count; ++k) {
      const auto more = static_cast<int16_t>(filter_.tap[k][tap] - filter_.tap[k - 1][tap]);
      const int16_t* reached = reached_of(k);
      for (int u = 0; u < width_; ++u) taps[u] = static_cast<int16_t>(taps[u] + (reached[u] & more));
    }
    return true;
  }

  const PlaneFilter& filter_;
  int width_;
  std::vector<int16_t> taps_;
  std::vector<int32_t> change_;
  std::vector<int16_t> reached_;
};

}  // namespace

void filter_tile(const TileFilter& filter, int rows, Tile* tile) {
  if (!filter.any()) return;
  const int clip = tile_filter_step(filter.clip), width = tile->width;
  // The rows above a strip are filtered already when its turn comes: copies of the strips keep what they were.
  std::vector<PaddedPlane> next;
  const auto copy = [&](int first) {
    std::vector<PaddedPlane> planes;
    const int count = std::min(kStripRows, tile->height - first);
    for (int p = 0; p < filter.planes; ++p) planes.emplace_back(*tile, p, first, count);
    return planes;
  };
  next = copy(0);
  for (int first = 0; first < rows; first += kStripRows) {
    const std::vector<PaddedPlane> planes = std::move(next);
    if (first + kStripRows < tile->height) next = copy(first + kStripRows);
    const int count = std::min(kStripRows, rows - first);
    for (int p = 0; p < filter.planes; ++p) {
      if (filter.plane[p].count == 0) continue;
      const int low = p == 0 ? 0 : -kChromaMax, high = p == 0 ? kLumaMax : kChromaMax;
      ActivityRows activity(planes[p], width);
      RowChanges changes(filter.plane[p], width);
      for (int y = 0; y < count; ++y) {
        const int32_t* change =
            changes.row(planes[p].at(0, y), planes[0].at(0, y), planes[p].stride(), p, clip, activity.row(y));
        int16_t* out = tile->at(p, 0, first + y);
        for (int u = 0; u < width; ++u) {
          out[u] = static_cast<int16_t>(std::clamp(out[u] + ((change[u] + 64) >> kTileFilterUnitLog2), low, high));
        }
      }
    }
  }
}

}  // namespace veneer
