// Reducing a picture: part of preview.h.
#include <algorithm>
#include <cstring>

#include "picture/preview.h"

namespace veneer {
namespace {

// Sums over the rows of a square, of each sample; with alpha, of each colour times alpha.
template <int kChannels>
void add_row(const uint8_t* row, int width, uint32_t* sums) {
  constexpr bool kHasAlpha = kChannels % 2 == 0;
  for (int x = 0; x < width; ++x, row += kChannels, sums += kChannels) {
    const uint32_t weight = kHasAlpha ? row[kChannels - 1] : 1;
    for (int c = 0; c < kChannels; ++c) sums[c] += row[c] * (kHasAlpha && c == kChannels - 1 ? 1 : weight);
  }
}

uint8_t rounded_mean(int64_t total, int64_t weight) {
  return static_cast<uint8_t>((2 * total + weight) / std::max<int64_t>(2 * weight, 1));
}

// One pixel of the sums of `columns` columns.
template <int kChannels>
void reduce_square(const uint32_t* sums, int columns, int rows, uint8_t* out) {
  int64_t total[kChannels] = {};
  for (int x = 0; x < columns; ++x) {
    for (int c = 0; c < kChannels; ++c) total[c] += sums[x * kChannels + c];
  }
  const int64_t count = int64_t{columns} * rows, alpha = total[kChannels - 1];
  for (int c = 0; c < kChannels; ++c) {
    const bool is_weighted = kChannels % 2 == 0 && c < kChannels - 1;
    out[c] = rounded_mean(total[c], is_weighted ? alpha : count);
  }
}

template <int kChannels>
void reduce_row(const View<const uint8_t>& pixels, int scale, int y, uint32_t* sums, uint8_t* out) {
  const int rows = std::min(scale, pixels.height - y * scale);
  std::memset(sums, 0, sizeof(uint32_t) * pixels.width * kChannels);
  for (int v = 0; v < rows; ++v) add_row<kChannels>(pixels.row(y * scale + v), pixels.width, sums);
  for (int x = 0; x * scale < pixels.width; ++x) {
    reduce_square<kChannels>(sums + static_cast<ptrdiff_t>(x) * scale * kChannels,
                             std::min(scale, pixels.width - x * scale), rows,
                             out + static_cast<ptrdiff_t>(x) * kChannels);
  }
}

constexpr int kReducedStrip = 8;  // rows of the result that are a piece of work

}  // namespace

Image<uint8_t> reduce_picture(const View<const uint8_t>& pixels, int scale, Runner& runner) {
  const int channels = pixels.channels;
  Image<uint8_t> small((pixels.width + scale - 1) / scale, (pixels.height + scale - 1) / scale, channels);
  const auto reduce = channels == 1   ? reduce_row<1>
                      : channels == 2 ? reduce_row<2>
                      : channels == 3 ? reduce_row<3>
                                      : reduce_row<4>;
  const View<uint8_t> out = small.view();
  run_parallel(runner, (out.height + kReducedStrip - 1) / kReducedStrip, [&](int strip) {
    Vector<uint32_t> sums(static_cast<size_t>(pixels.width) * channels);
    const int end = std::min((strip + 1) * kReducedStrip, out.height);
    for (int y = strip * kReducedStrip; y < end; ++y) reduce(pixels, scale, y, sums.data(), out.row(y));
  });
  return small;
}

}  // namespace veneer
