// The enhanced picture: the network `restore` over the base picture, latents and strengths.
// Source: docs/format.md, "Running the networks".
#pragma once
#include <cstdint>

#include "common/image.h"
#include "common/runner.h"
#include "enhance/base_picture.h"
#include "network/networks.h"

namespace veneer {

constexpr int kMaxRealism = 64;

// Input of the networks, 0..64, for the field Default_Realism.
inline int realism_from_head(int default_realism) { return (kMaxRealism * default_realism + 127) / 255; }
// The same for what a caller asks for, 0..1.
inline int realism_from_share(double realism) { return static_cast<int>(realism * kMaxRealism + 0.5); }

// Pixels of the full size around one that have an influence on it by way of interpolation, `restore` and filters.
int restore_border(const Networks& networks);

// The part of a picture of `width` x `height` pixels that `restore` and filters must see to make a region as it would be in
// the whole: from multiples of the alignment to multiples of it or to the end of the picture. All of the full size.
Rect visible_part(const Networks& networks, const Rect& region, int width, int height);

// Runs `restore`: the enhanced picture at full size, 1 or 3 channels, in 1/64 of a level, 0..16320.
//   base: the base picture, or a part as of visible_part().
//   y: latents in the same part, [rows, columns, C]; empty where `restore` takes none.
//   strengths: [h, w], Strength of each unit, 0..128.
//   realism: 0..64.
//   max_columns: columns that are made at a time.
// Throws Failure: kNetworkTooLarge.
Image<int16_t> synthesize(const Networks& networks, const BasePicture& base, const View<const int16_t>& y,
                          const View<const uint8_t>& strengths, int realism, Runner& runner,
                          int max_columns = kMaxColumns);

}  // namespace veneer
