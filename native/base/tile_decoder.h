// Decodes the colour planes of one tile.
// Source: docs/format.md, "Tiles and superblocks".
#pragma once
#include <cstddef>
#include <cstdint>

#include "tile.h"

namespace veneer {

// How a tile was coded, as enhancement networks read it: kMaps numbers and a step for each unit of 4x4 pixels.
constexpr int kMaps = 8;
struct TileMaps {
  uint8_t* maps;     // [row of units][unit][kMaps]
  uint8_t* steps;    // [row of units][unit]
  ptrdiff_t stride;  // units
};

// Fills the first `rows` rows of tile->samples, and those up to the end of their superblocks; `maps` too where there are
// any wanted. False if the data cannot come from an encoder (samples are then wrong from an unknown place on).
bool decode_tile(const uint8_t* data, size_t size, int rows, Tile* tile, const TileMaps* maps = nullptr);

// The same for the beginning of a payload that is cut: decodes superblocks as long as no
// following bytes could change them, and returns their number. Samples and maps of the next one are undefined.
int decode_cut_tile(const uint8_t* data, size_t size, Tile* tile, const TileMaps* maps = nullptr);

// What maps say where nothing was decoded, here from superblock `first` on: superblocks that are one block without
// coefficients, at the step of HEAD.
void clear_maps(const Tile& tile, const TileMaps& maps, int first = 0);

}  // namespace veneer
