// Filters of a decoded tile: syntax and samples. They say how each plane is to be smoothed or sharpened, and in which
// of its samples.
// Source: docs/format.md, "Filters of tiles". Of the kind of the adaptive loop filters of ITU-T H.266.
#pragma once
#include <algorithm>
#include <cstdint>

#include "bit_io.h"
#include "row_filter.h"
#include "tile.h"

namespace veneer {

constexpr int kTileFilterTaps = 10;     // of luma the first eight
constexpr int kTileFilterMargin = 3;    // samples around one that have an influence on it
constexpr int kTileFilterUnitLog2 = 7;  // coefficients are in 1/128
constexpr int kMaxTileFilterCode = 63;  // of thresholds and of the largest difference
constexpr int kMaxTileFilterTap = 127;
constexpr int kMaxTileFilterBytes = 255;

inline int tile_filter_taps(int plane) { return plane == 0 ? 8 : kTileFilterTaps; }
// What a code stands for: four steps for each doubling.
inline int tile_filter_step(int code) { return (4 + (code & 3)) << (code >> 2); }

struct PlaneFilter {
  int count = 0;                         // of classes; 0: the plane is not filtered
  uint8_t code[kMaxFilterClasses] = {};  // where each class begins; [0] is not used
  int8_t tap[kMaxFilterClasses][kTileFilterTaps] = {};
};

struct TileFilter {
  int planes = 0;
  int clip = 0;  // code
  PlaneFilter plane[3];
  bool any() const { return plane[0].count > 0 || plane[1].count > 0 || plane[2].count > 0; }
};

// Models of the numbers of a tile's filters; all start with even chances.
struct TileFilterModels {
  static constexpr int kKinds = 2 + kTileFilterTaps;  // counts, codes, each coefficient
  BitModel prefix[kKinds][8];
  TileFilterModels() {
    for (auto& kind : prefix) {
      for (BitModel& model : kind) model = kFreshModel;
    }
  }
};

// An Exp-Golomb code with an adaptive prefix: 0..254.
template <class Io>
int code_filter_number(Io& io, TileFilterModels& m, int kind, int value) {
  int n = 0;
  while (n < 7 && io.bit(m.prefix[kind][n], value + 1 >= 2 << n)) ++n;
  return (1 << n) - 1 + (n > 0 ? static_cast<int>(io.raw(n, (value + 1) & ((1 << n) - 1))) : 0);
}

template <class Io>
int code_filter_difference(Io& io, TileFilterModels& m, int kind, int value) {
  const int magnitude = code_filter_number(io, m, kind, value < 0 ? -value : value);
  return magnitude > 0 && io.raw(1, value < 0) ? -magnitude : magnitude;
}

// False if a number is out of range.
template <class Io>
bool code_tile_filter(Io& io, TileFilter& filter) {
  TileFilterModels m;
  for (int p = 0; p < filter.planes; ++p) {
    filter.plane[p].count = code_filter_number(io, m, 0, filter.plane[p].count);
    if (filter.plane[p].count > kMaxFilterClasses) return false;
  }
  if (!filter.any()) return true;
  filter.clip = code_filter_number(io, m, 1, filter.clip);
  if (filter.clip > kMaxTileFilterCode) return false;
  for (int p = 0; p < filter.planes; ++p) {
    PlaneFilter& plane = filter.plane[p];
    for (int k = 1; k < plane.count; ++k) {
      const int least = k == 1 ? 0 : plane.code[k - 1] + 1;
      const int code = least + code_filter_number(io, m, 1, plane.code[k] - least);
      if (code > kMaxTileFilterCode) return false;
      plane.code[k] = static_cast<uint8_t>(code);
    }
    for (int k = 0; k < plane.count; ++k) {
      for (int i = 0; i < tile_filter_taps(p); ++i) {
        const int before = k > 0 ? plane.tap[k - 1][i] : 0;
        const int tap = before + code_filter_difference(io, m, 2 + i, plane.tap[k][i] - before);
        if (tap < -kMaxTileFilterTap || tap > kMaxTileFilterTap) return false;
        plane.tap[k][i] = static_cast<int8_t>(tap);
      }
    }
  }
  return true;
}

// Reads the filters before the stream of a tile; returns the number of bytes that they take, or -1 if they are invalid.
int read_tile_filter(const uint8_t* data, size_t size, int planes, TileFilter* filter);

// Rows of a plane with kTileFilterMargin samples around them, those outside the tile being the nearest inside.
class PaddedPlane {
 public:
  PaddedPlane(const Tile& tile, int plane, int first_row, int rows);
  ptrdiff_t stride() const { return stride_; }
  // Row 0 is first_row; both coordinates may be outside by the margin.
  const int16_t* at(int x, int y) const {
    return samples_.data() + (y + kTileFilterMargin) * stride_ + x + kTileFilterMargin;
  }

 private:
  ptrdiff_t stride_;
  Vector<int16_t> samples_;
};

// The features of a row of a plane; `own` and `luma` are rows with the margin.
struct TileFeatures {
  TileFeatures(const int16_t* own, const int16_t* luma, ptrdiff_t stride, int plane, int clip) {
    int i = 0;
    for (const ptrdiff_t offset : {ptrdiff_t{1}, stride, stride + 1, stride - 1, ptrdiff_t{2}, 2 * stride}) {
      list[i++] = around(own, offset);
    }
    const auto limit = static_cast<int16_t>(std::min(clip, INT16_MAX));
    for (const ptrdiff_t offset : {ptrdiff_t{1}, stride}) list[i++] = around(own, offset, limit);
    for (const ptrdiff_t offset : {ptrdiff_t{1}, stride}) list[i++] = around(luma, offset);
    count = tile_filter_taps(plane);
  }
  FilterFeature list[kTileFilterTaps];
  int count;
};

// Filters the first `rows` rows; those up to three below must be decoded.
void filter_tile(const TileFilter& filter, int rows, Tile* tile);

}  // namespace veneer
