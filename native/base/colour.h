// RGB and grey samples of the planes of a tile.
// Source: docs/format.md, "Colour".
#pragma once
#include <cstddef>
#include <cstdint>

#include "tile.h"

namespace veneer {

// Writes the rectangle (x, y, w, h) of a tile's planes as interleaved pixels; other channels are left alone.
void store_pixels(const Tile& tile, int x, int y, int w, int h, int channels, uint8_t* pixels, ptrdiff_t row_bytes);

// The same of a tile of more than 8 bits a sample; row_samples: from row to row.
void store_deep_pixels(const Tile& tile, int x, int y, int w, int h, int channels, uint16_t* pixels,
                       ptrdiff_t row_samples);

// Writes the same rectangle before it is rounded to pixels, in 0 .. `top` of its samples, as [h][w][1 or 3] with
// `row_values` values from row to row. Of pictures of 8 bits these are quarters of a level.
void store_exact(const Tile& tile, int x, int y, int w, int h, int16_t* out, ptrdiff_t row_values);

}  // namespace veneer
