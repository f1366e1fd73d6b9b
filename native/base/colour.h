// RGB and grey samples of the planes of a tile.
// Source: docs/format.md, "Colour".
#pragma once
#include <cstddef>
#include <cstdint>

#include "tile.h"

namespace veneer {

// Writes the rectangle (x, y, w, h) of a tile's planes as interleaved pixels; other channels are left alone.
void store_pixels(const Tile& tile, int x, int y, int w, int h, int channels, uint8_t* pixels, ptrdiff_t row_bytes);

// Writes the same rectangle in quarters of a level before they are rounded, 0..1020, as [h][w][1 or 3] with
// `row_values` values from row to row.
void store_quarters(const Tile& tile, int x, int y, int w, int h, int16_t* out, ptrdiff_t row_values);

}  // namespace veneer
