// Pixels of a JPEG from its coefficients, all in integers: dequantization, inverse transform, enlarging of subsampled
// components, colour.
//
// Place: the last step of the base layer "jpeg". Whatever the coefficients are, the result is defined, and where they are
// those of a file that is not damaged it is what libjpeg-turbo gives with its default settings.
// Source: docs/format.md, "Pixels of a JPEG".
#pragma once
#include <cstdint>

#include "base/jpeg/image.h"
#include "common/image.h"
#include "common/rect.h"
#include "common/runner.h"

namespace veneer::jpeg {

// Channels of the pixels: 1 of one component or two (the first alone), else 3: R, G, B.
inline int channels_of(const Image& image) { return image.count < 3 ? 1 : 3; }

// The MCUs, in columns and rows of them, whose levels the pixels of a region depend on: one more on each side where samples
// there are interpolated with those within. `region` is not empty and lies within the picture.
Rect mcus_of(const Image& image, const Rect& region);

// Makes the pixels of a region, which lies within the picture.
//   image: count 1..4; levels of the MCUs that mcus_of() names, the others may be anything; `colour` that does not go
//     with the number of components counts as kGrey, kYcc or kCmyk.
//   out: of the region's size, with channels_of(image) channels.
void decode_pixels(const Image& image, const Rect& region, Runner& runner, const View<uint8_t>& out);

}  // namespace veneer::jpeg
