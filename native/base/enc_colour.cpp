#include "enc_colour.h"

#include <algorithm>
#include <cstring>

#include "enc_kernels.h"

namespace veneer {

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

}  // namespace veneer
