// Encoder only: the filters whose gain exceeds their cost, for a decoded tile.
#pragma once
#include <cstdint>
#include <vector>

#include "tile_filters.h"

namespace veneer {

// What stands before the stream of a tile: a byte with the size of the filters, and the filters, as of `tile` against
// `source`. lambda_milli: of the tile's quantization.
std::vector<uint8_t> choose_tile_filter(const Tile& source, const Tile& tile, int lambda_milli, TileFilter* filter);

}  // namespace veneer
