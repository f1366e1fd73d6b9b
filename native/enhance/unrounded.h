// Pictures that are not yet rounded to pixels: in 1/64 of a level, 0..16320, as networks, filters and texture pass them
// on. Quarters of a level, as in the base, would be too coarse.
// Source: docs/format.md, "Enhancement".
#pragma once
#include <cstdint>

#include "common/image.h"

namespace veneer {

constexpr int kFractionBits = 6;
constexpr int kMaxUnrounded = 255 << kFractionBits;

// The same picture, given in quarters of a level, 0..1020; both of the same size.
void from_quarters(const View<const int16_t>& quarters, const View<int16_t>& picture);
Image<int16_t> from_quarters(const View<const int16_t>& quarters);

// Rounds to whole levels: the last step on the way to pixels. `pixels` has the same size; further channels, such as
// alpha, keep their values.
void to_pixels(const View<const int16_t>& picture, const View<uint8_t>& pixels);

}  // namespace veneer
