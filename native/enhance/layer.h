// The enhancement of a picture as the decoder reads it: latents, strengths and filters of tiles.
// Source: docs/format.md, "Enhancement".
#pragma once
#include <cstdint>

#include "common/image.h"
#include "common/memory.h"
#include "common/runner.h"
#include "common/span.h"
#include "enhance/base_picture.h"
#include "enhance/latents.h"
#include "network/networks.h"

namespace veneer {

constexpr int kPlainStrength = 64;

// The enhancement of a tile in a file.
struct TileEnhancement {
  int strength = kPlainStrength;  // 0..128
  Bytes data;                     // filters and latents as one stream of the range coder; empty: none
  bool filtered = false;          // whether the stream begins with filters
};

struct PlacedTile {
  Rect box;  // in base pixels, from multiples of 64
  TileEnhancement tile;
};

struct PlacedFilters {
  Rect box;  // of the tile in the base picture; for apply_filters() in the full size
  TileFilters filters;
};

// Inputs of the network `restore` besides the base.
struct DecodedEnhancement {
  Image<int16_t> y;          // latents, [rows, columns, C]; empty where it takes none
  Image<uint8_t> strengths;  // [h, w]
  Vector<PlacedFilters> filters;
  Vector<int> damaged;  // positions in the list of tiles whose latents or filters are invalid, rising
};

// How the latents of a tile are distributed, 0..63 each: the network `latent_prior`, which there is, over the tile alone.
// Nothing outside has an influence, so that damage elsewhere does not reach its latents.
// Throws Failure: kNetworkTooLarge.
Image<uint8_t> distribution_indices(const Networks& networks, const BasePicture& tile, Runner& runner);

// Reads the latents of some tiles. `base` is the base picture, or a part that holds the tiles, which are placed in it.
// Latents and strengths are those of the whole part; where there is no tile they are as for one without a chunk.
// Throws Failure: kNetworkTooLarge.
DecodedEnhancement decode_enhancement(const Networks& networks, const BasePicture& base, Span<const PlacedTile> tiles,
                                      Runner& runner);

// The latents of a box of the base picture, which begins at multiples of the alignment: a part of those of all of it, and
// empty if these are.
View<const int16_t> latents_in(const Networks& networks, const Rect& box, const View<const int16_t>& y);

}  // namespace veneer
