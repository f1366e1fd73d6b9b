// Linear interpolation to twice the size, for what is filled in where a file is damaged.
// Source: docs/format.md, "Filling in".
#pragma once
#include <cstdint>

#include "common/image.h"

namespace veneer {

// Values of 1..4 channels at the centres of squares, at those of the quarters of these: a quarter gets
// (3 own + neighbour + 2) >> 2 along each axis, rows first; the outermost are their own neighbours.
// Values are -8000..8000, so that sums fit 16 bits.
Image<int16_t> enlarge(const View<const int16_t>& values);

}  // namespace veneer
