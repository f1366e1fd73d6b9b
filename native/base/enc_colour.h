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
// The same of a tile of more than 8 bits a sample; row_samples: from row to row.
void load_pixels(const uint16_t* pixels, ptrdiff_t row_samples, int channels, int w, int h, Tile* tile);

// The planes of a tile with four binary places less, which is what the search of the encoder works with.
Tile coarser_tile(const Tile& fine);
// Copies a square of the planes of `fine`, as far as it lies in the tile, to `coarse` with so much less places.
void copy_coarser(const Tile& fine, int x, int y, int size, Vector<int16_t>* coarse);

}  // namespace veneer
