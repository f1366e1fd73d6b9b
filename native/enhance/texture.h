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

// Runs `texture` on a region of a part. Pixels further from the edges of the part than `texture` sees, or at edges of the
// picture, are those of a run on the whole picture.
//   realism: 1..64; units that are missing have 64 in any case.
//   out: of the size of the region; int16: in 1/64 of a level; bytes: rounded to levels. Further channels of it, as alpha
//     behind R, G and B, are left as they are.
//   max_columns: columns that are made at a time.
// Throws Failure: kNetworkTooLarge.
template <typename T>
void add_texture(const ModelNetwork& texture, const EnhancedPart& part, const Rect& region, int realism,
                 const View<T>& out, Runner& runner, int max_columns = kMaxColumns);

// The same with realism 0, of units that are missing alone: the others are left as they are in `out`, and all of it is
// where a network is too large.
template <typename T>
void fill_with_texture(const ModelNetwork& texture, const EnhancedPart& part, const Rect& region, const View<T>& out,
                       Runner& runner, int max_columns = kMaxColumns);

// The noise of width x height units, the first of which stands in column u and row v of the picture: 8 channels of
// -255..255, the differences of two bytes each.
Image<int16_t> make_noise(uint32_t seed, int u, int v, int width, int height, Runner& runner);

}  // namespace veneer
