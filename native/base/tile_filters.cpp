#include "tile_filters.h"

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

namespace {

constexpr int kStripRows = 64;

ClassTaps class_taps(const PlaneFilter& filter) {
  ClassTaps taps;
  taps.classes = filter.count;
  for (int k = 0; k < filter.count; ++k) {
    if (k > 0) taps.threshold[k - 1] = tile_filter_step(filter.code[k]);
    for (int i = 0; i < kTileFilterTaps; ++i) taps.tap[i][k] = filter.tap[k][i];
  }
  return taps;
}

// Rows `first` .. `first + count` of a plane of the tile.
void filter_strip(const Vector<PaddedPlane>& planes, int p, const PlaneFilter& filter, int clip, int first, int count,
                  Tile* tile) {
  const FilterKernels& k = filter_kernels();
  const int width = tile->width;
  const PaddedPlane& plane = planes[p];
  const ClassTaps taps = class_taps(filter);
  ActivityRows activity(plane.at(0, 0), plane.stride(), width, tile->range.extra);
  Vector<int32_t> change(width);
  for (int y = 0; y < count; ++y) {
    const TileFeatures features(plane.at(0, y), planes[0].at(0, y), plane.stride(), p, clip);
    k.weight(taps, features.list, features.count, activity.row(y), width, change.data());
    k.apply(change.data(), kTileFilterUnitLog2, tile->range.low(p), tile->range.high(p), width,
            tile->at(p, 0, first + y));
  }
}

}  // namespace

void filter_tile(const TileFilter& filter, int rows, Tile* tile) {
  if (!filter.any()) return;
  const int clip = tile_filter_step(filter.clip) << tile->range.extra;
  // The rows above a strip are filtered already when its turn comes: copies of the strips keep what they were.
  Vector<PaddedPlane> next;
  const auto copy = [&](int first) {
    Vector<PaddedPlane> planes;
    const int count = std::min(kStripRows, tile->height - first);
    for (int p = 0; p < filter.planes; ++p) planes.emplace_back(*tile, p, first, count);
    return planes;
  };
  next = copy(0);
  for (int first = 0; first < rows; first += kStripRows) {
    const Vector<PaddedPlane> planes = std::move(next);
    if (first + kStripRows < tile->height) next = copy(first + kStripRows);
    const int count = std::min(kStripRows, rows - first);
    for (int p = 0; p < filter.planes; ++p) {
      if (filter.plane[p].count > 0) filter_strip(planes, p, filter.plane[p], clip, first, count, tile);
    }
  }
}

}  // namespace veneer
