#include "enc_colour.h"

#include <algorithm>
#include <cstring>

#include "enc_kernels.h"

namespace veneer {
namespace {

// Samples beyond the picture repeat its last column and row.
void repeat_edges(int w, int h, Tile* tile) {
  for (int p = 0; p < (tile->colour ? 3 : 1); ++p) {
    for (int y = 0; y < h; ++y) {
      int16_t* row = tile->at(p, 0, y);
      std::fill(row + w, row + tile->width, row[w - 1]);
    }
    for (int y = h; y < tile->height; ++y) {
      std::memcpy(tile->at(p, 0, y), tile->at(p, 0, h - 1), sizeof(int16_t) * tile->width);
    }
  }
}

}  // namespace

void load_pixels(const uint8_t* pixels, ptrdiff_t row_bytes, int channels, int w, int h, Tile* tile) {
  const EncoderKernels& kernels = encoder_kernels();
  for (int y = 0; y < h; ++y) {
    const uint8_t* in = pixels + y * row_bytes;
    int16_t* luma = tile->at(0, 0, y);
    if (!tile->colour) {
      for (int x = 0; x < w; ++x) luma[x] = static_cast<int16_t>(4 * in[x * channels]);
    } else if (channels == 3) {
      kernels.load_colour(in, w, luma, tile->at(1, 0, y), tile->at(2, 0, y));
    } else {
      int16_t *co = tile->at(1, 0, y), *cg = tile->at(2, 0, y);
      for (int x = 0; x < w; ++x) {
        const int r = in[x * channels], g = in[x * channels + 1], b = in[x * channels + 2];
        luma[x] = static_cast<int16_t>(r + 2 * g + b);
        co[x] = static_cast<int16_t>(2 * (r - b));
        cg[x] = static_cast<int16_t>(2 * g - r - b);
      }
    }
  }
  repeat_edges(w, h, tile);
}

void load_pixels(const uint16_t* pixels, ptrdiff_t row_samples, int channels, int w, int h, Tile* tile) {
  const SampleRange range = tile->range;
  const auto kept = [&range](int value) {
    return static_cast<int16_t>(std::clamp(value, -range.widest, range.widest));
  };
  for (int y = 0; y < h; ++y) {
    const uint16_t* in = pixels + y * row_samples;
    int16_t* luma = tile->at(0, 0, y);
    if (!tile->colour) {
      for (int x = 0; x < w; ++x) luma[x] = static_cast<int16_t>(range.sample(in[x * channels]));
      continue;
    }
    int16_t *co = tile->at(1, 0, y), *cg = tile->at(2, 0, y);
    for (int x = 0; x < w; ++x) {
      const int r = range.sample(in[x * channels]), g = range.sample(in[x * channels + 1]),
                b = range.sample(in[x * channels + 2]);
      luma[x] = static_cast<int16_t>((r + 2 * g + b + 2) >> 2);
      co[x] = kept((r - b + 1) >> 1);
      cg[x] = kept((2 * g - r - b + 2) >> 2);
    }
  }
  repeat_edges(w, h, tile);
}

Tile coarser_tile(const Tile& fine) {
  BaseParams params = fine.params;
  params.depth = 10;
  Tile coarse(fine.width, fine.height, fine.colour, params);
  for (int y = 0; y < fine.height; y += kSuperblock) {
    for (int x = 0; x < fine.width; x += kSuperblock) copy_coarser(fine, x, y, kSuperblock, coarse.samples);
  }
  return coarse;
}

void copy_coarser(const Tile& fine, int x, int y, int size, Vector<int16_t>* coarse) {
  const int round = 1 << fine.range.extra >> 1;
  const int right = std::min(x + size, fine.width), bottom = std::min(y + size, fine.height);
  constexpr SampleRange kCoarse = range_of_depth(10);
  for (int p = 0; p < (fine.colour ? 3 : 1); ++p) {
    for (int row = y; row < bottom; ++row) {
      const int16_t* from = fine.at(p, 0, row);
      int16_t* to = coarse[p].data() + static_cast<ptrdiff_t>(row) * fine.stride;
      for (int i = x; i < right; ++i) {
        to[i] =
            static_cast<int16_t>(std::clamp((from[i] + round) >> fine.range.extra, kCoarse.low(p), kCoarse.high(p)));
      }
    }
  }
}

}  // namespace veneer
