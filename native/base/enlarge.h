// Linear interpolation to twice the size, for what is filled in where a file is damaged.
// Source: docs/format.md, "Filling in".
#pragma once
#include <cstdint>

#include "common/image.h"

namespace veneer {

// Doubles an array of 1..4 channels: each value becomes four, and each of these gets
// (3 own + neighbour + 2) >> 2 along each axis, rows first; the outermost are their own neighbours.
// Values are -8000..8000, so that sums fit 16 bits.
Image<int16_t> enlarge(const View<const int16_t>& values);

}  // namespace veneer
