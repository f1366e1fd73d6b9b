// Planes of values that are smoothed where nothing is known, for concealment.
//
// Values are levels in sixteenths, 0..kTopValue, or differences of two; one channel. Masks are of the same size as what
// they are for, -1 where a value is known and fixed, 0 elsewhere.
// Source: docs/format.md, "Filling in".
#pragma once
#include <cstdint>

#include "base/enlarge.h"
#include "common/image.h"

namespace veneer {

constexpr int kTopValue = 255 << 4;  // 4 fractional bits of a level, whose smoothing still fits int16_t

// Draws values towards the mean of those around them, except where they are fixed.
void smooth(const Image<int16_t>& fixed, Image<int16_t>* values);

// Known values where there are any, and smooth values between them. `known` is 0 where nothing is fixed.
Image<int16_t> membrane(const Image<int16_t>& known, const Image<int16_t>& fixed);

// Where fixed, the known values, less those of `base` unless that is empty.
void hold(const Image<int16_t>& known, const Image<int16_t>& base, const Image<int16_t>& fixed, Image<int16_t>* values);

void add(const Image<int16_t>& other, Image<int16_t>* values);

// Takes `base` off where values are fixed, and makes the others 0.
void subtract_known(const Image<int16_t>& base, const Image<int16_t>& fixed, Image<int16_t>* values);

// A channel of a preview.
Image<int16_t> base_of_preview(const View<const uint8_t>& preview, int channel);

}  // namespace veneer
