#include "base/enlarge.h"

#include <algorithm>
#include <cstddef>

namespace veneer {
namespace {

// out[i] = (3 near[i] + far[i] + 2) >> 2; a loop that compilers turn into vectors.
void mix(const int16_t* near, const int16_t* far, ptrdiff_t count, int16_t* out) {
  for (ptrdiff_t i = 0; i < count; ++i) {
    out[i] = static_cast<int16_t>(static_cast<int16_t>(3 * near[i] + far[i] + 2) >> 2);
  }
}

// One row to twice as many columns.
template <int kChannels>
void widen(const int16_t* row, int columns, int16_t* out) {
  for (int x = 0; x < columns; ++x) {
    const int16_t* own = row + static_cast<ptrdiff_t>(x) * kChannels;
    const int16_t* before = x > 0 ? own - kChannels : own;
    const int16_t* after = x + 1 < columns ? own + kChannels : own;
    int16_t* pair = out + static_cast<ptrdiff_t>(x) * 2 * kChannels;
    for (int c = 0; c < kChannels; ++c) {
      const int near = 3 * own[c] + 2;
      pair[c] = static_cast<int16_t>((near + before[c]) >> 2);
      pair[kChannels + c] = static_cast<int16_t>((near + after[c]) >> 2);
    }
  }
}

}  // namespace

Image<int16_t> enlarge(const View<const int16_t>& values) {
  const int rows = values.height, columns = values.width, channels = values.channels;
  const ptrdiff_t row_values = static_cast<ptrdiff_t>(columns) * channels;
  Image<int16_t> result(2 * columns, 2 * rows, channels);
  Vector<int16_t> row(row_values);
  const auto widen_row = channels == 1 ? widen<1> : channels == 2 ? widen<2> : channels == 3 ? widen<3> : widen<4>;
  for (int y = 0; y < rows; ++y) {
    for (const int half : {0, 1}) {
      const int neighbour = std::clamp(y + 2 * half - 1, 0, rows - 1);
      mix(values.row(y), values.row(neighbour), row_values, row.data());
      widen_row(row.data(), columns, result.view().row(2 * y + half));
    }
  }
  return result;
}

}  // namespace veneer
