// Decodes the colour planes of one tile.
// Source: docs/format.md, "Tiles and superblocks".
#pragma once
#include <cstddef>
#include <cstdint>

#include "tile.h"

namespace veneer {

// Fills the first `rows` rows of tile->samples, and those up to the end of their superblocks. False if the data cannot
// come from an encoder (the samples are then of no use from an unknown place on).
bool decode_tile(const uint8_t* data, size_t size, int rows, Tile* tile);

}  // namespace veneer
