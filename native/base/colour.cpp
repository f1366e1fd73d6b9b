#include "colour.h"

#include <algorithm>

#include "prediction_kernels.h"

namespace veneer {
namespace {

uint8_t clamp_sample(int value) { return static_cast<uint8_t>(std::clamp((value + 2) >> 2, 0, 255)); }

}  // namespace

void store_pixels(const Tile& tile, int x0, int y0, int w, int h, int channels, uint8_t* pixels, ptrdiff_t row_bytes) {
  const PredictionKernels& kernels = prediction_kernels();
  for (int y = 0; y < h; ++y) {
    uint8_t* out = pixels + y * row_bytes;
    const int16_t* luma = tile.at(0, x0, y0 + y);
    if (!tile.colour) {
      for (int x = 0; x < w; ++x) out[x * channels] = clamp_sample(luma[x]);
      continue;
    }
    const int16_t *co = tile.at(1, x0, y0 + y), *cg = tile.at(2, x0, y0 + y);
    if (channels == 3) {
      kernels.store_colour(luma, co, cg, w, out);
      continue;
    }
    for (int x = 0; x < w; ++x) {
      out[x * channels] = clamp_sample(luma[x] - cg[x] + co[x]);
      out[x * channels + 1] = clamp_sample(luma[x] + cg[x]);
      out[x * channels + 2] = clamp_sample(luma[x] - cg[x] - co[x]);
    }
  }
}

void store_deep_pixels(const Tile& tile, int x0, int y0, int w, int h, int channels, uint16_t* pixels,
                       ptrdiff_t row_samples) {
  const SampleRange range = tile.range;
  const auto pixel = [&range](int value) { return static_cast<uint16_t>(range.pixel(value)); };
  for (int y = 0; y < h; ++y) {
    uint16_t* out = pixels + y * row_samples;
    const int16_t* luma = tile.at(0, x0, y0 + y);
    if (!tile.colour) {
      for (int x = 0; x < w; ++x) out[x * channels] = pixel(luma[x]);
      continue;
    }
    const int16_t *co = tile.at(1, x0, y0 + y), *cg = tile.at(2, x0, y0 + y);
    for (int x = 0; x < w; ++x) {
      out[x * channels] = pixel(luma[x] - cg[x] + co[x]);
      out[x * channels + 1] = pixel(luma[x] + cg[x]);
      out[x * channels + 2] = pixel(luma[x] - cg[x] - co[x]);
    }
  }
}

void store_exact(const Tile& tile, int x0, int y0, int w, int h, int16_t* out, ptrdiff_t row_values) {
  const int top = tile.range.top;
  const auto value = [top](int sample) { return static_cast<int16_t>(std::clamp(sample, 0, top)); };
  for (int y = 0; y < h; ++y, out += row_values) {
    const int16_t* luma = tile.at(0, x0, y0 + y);
    if (!tile.colour) {
      for (int x = 0; x < w; ++x) out[x] = value(luma[x]);
      continue;
    }
    const int16_t *co = tile.at(1, x0, y0 + y), *cg = tile.at(2, x0, y0 + y);
    for (int x = 0; x < w; ++x) {
      out[3 * x] = value(luma[x] - cg[x] + co[x]);
      out[3 * x + 1] = value(luma[x] + cg[x]);
      out[3 * x + 2] = value(luma[x] - cg[x] - co[x]);
    }
  }
}

}  // namespace veneer
