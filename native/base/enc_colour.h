// RGB and grey samples to the planes of a tile.
// Source: docs/format.md, "Colour".
#pragma once
#include <cstddef>
#include <cstdint>

#include "tile.h"

namespace veneer {

// Fills a tile's planes from w x h pixels of `channels` interleaved samples (1 or 2: grey, 3 or 4: RGB first);
// samples beyond the picture repeat its last column and row.
void load_pixels(const uint8_t* pixels, ptrdiff_t row_bytes, int channels, int w, int h, Tile* tile);

}  // namespace veneer
