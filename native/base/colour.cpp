#include "colour.h"

#include <algorithm>

#include "prediction_kernels.h"

namespace veneer {
namespace {

// Grey, or R, G and B, of a rectangle of the planes, each as `change` makes it of its argument of "Colour".
template <typename T, typename Change>
void store_colours(const Tile& tile, int x0, int y0, int w, int h, int channels, T* out, ptrdiff_t stride,
                   const Change& change) {
  for (int y = 0; y < h; ++y, out += stride) {
    const int16_t* luma = tile.at(0, x0, y0 + y);
    if (!tile.colour) {
      for (int x = 0; x < w; ++x) out[x * channels] = static_cast<T>(change(luma[x]));
      continue;
    }
    const int16_t *co = tile.at(1, x0, y0 + y), *cg = tile.at(2, x0, y0 + y);
    for (int x = 0; x < w; ++x) {
      out[x * channels] = static_cast<T>(change(luma[x] - cg[x] + co[x]));
      out[x * channels + 1] = static_cast<T>(change(luma[x] + cg[x]));
      out[x * channels + 2] = static_cast<T>(change(luma[x] - cg[x] - co[x]));
    }
  }
}

}  // namespace

void store_pixels(const Tile& tile, int x0, int y0, int w, int h, int channels, uint8_t* pixels, ptrdiff_t row_bytes) {
  if (!tile.colour || channels != 3) {
    const SampleRange range = tile.range;
    store_colours(tile, x0, y0, w, h, channels, pixels, row_bytes, [&range](int value) { return range.pixel(value); });
    return;
  }
  const PredictionKernels& kernels = prediction_kernels();
  for (int y = y0; y < y0 + h; ++y, pixels += row_bytes) {
    kernels.store_colour(tile.at(0, x0, y), tile.at(1, x0, y), tile.at(2, x0, y), w, pixels);
  }
}

void store_deep_pixels(const Tile& tile, int x0, int y0, int w, int h, int channels, uint16_t* pixels,
                       ptrdiff_t row_samples) {
  const SampleRange range = tile.range;
  store_colours(tile, x0, y0, w, h, channels, pixels, row_samples, [&range](int value) { return range.pixel(value); });
}

void store_exact(const Tile& tile, int x0, int y0, int w, int h, int16_t* out, ptrdiff_t row_values) {
  const int top = tile.range.top;
  store_colours(tile, x0, y0, w, h, tile.colour ? 3 : 1, out, row_values,
                [top](int value) { return std::clamp(value, 0, top); });
}

}  // namespace veneer
