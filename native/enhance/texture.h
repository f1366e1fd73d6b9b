// Texture over the enhanced picture: the network `texture`, which invents plausible detail.
// Source: docs/format.md, "Texture" and "Filling in".
#pragma once
#include <cstdint>

#include "common/image.h"
#include "common/runner.h"
#include "enhance/geometry.h"
#include "network/networks.h"

namespace veneer {

// A part of the enhanced picture of H x W pixels, in h x w units of the full size, and the other inputs of `texture`.
// It owns nothing.
struct EnhancedPart {
  View<const int16_t> picture;  // [H, W, 1 or 3], 1/64 of a level, 0..16320
  View<const uint8_t> maps;     // [h, w, 8], how the base was coded
  View<const uint8_t> steps;    // [h, w]
  View<const uint8_t> missing;  // [h, w], 1 for units that were lost and filled in, else 0
  int16_t settings[4] = {};     // as of BasePicture
  int x = 0, y = 0;             // of its upper left pixel in the full size, multiples of 4
  uint32_t seed = 0;            // of the noise

  // The pixels of a box of it, whose x and y are multiples of 4.
  EnhancedPart part(const Rect& box) const;
};

// Maps of units of the base picture as maps of units of the full size, `width` x `height` pixels.
Image<uint8_t> in_full_size(const View<const uint8_t>& units, int scale, int width, int height);

// Parts that `texture` runs on begin at multiples of this.
int texture_unit(const ModelNetwork& texture);

// The part of the enhanced picture of `width` x `height` pixels that `texture` must see to make a region as it would be in
// the whole.
Rect visible_texture_part(const ModelNetwork& texture, const Rect& region, int width, int height);

// Whether there is something for `texture` to do; if not, add_texture() gives a copy.
bool has_texture_to_add(const EnhancedPart& part, int realism);

// Runs `texture` where it has something to do. Gives 1/64 of a level. Pixels further from the edges of the part than
// `texture` sees, or at edges of the picture, are those of a run on the whole picture.
//   realism: 0..64; units that are missing have 64 in any case.
//   max_columns: columns that are made at a time.
// Throws Failure: kNetworkTooLarge.
Image<int16_t> add_texture(const ModelNetwork& texture, const EnhancedPart& part, int realism, Runner& runner,
                           int max_columns = kMaxColumns);

// The noise of width x height units, the first of which stands in column u and row v of the picture: 8 channels of
// -255..255, the differences of two bytes each.
Image<int16_t> make_noise(uint32_t seed, int u, int v, int width, int height, Runner& runner);

}  // namespace veneer
