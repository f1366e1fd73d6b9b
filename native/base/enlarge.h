// Linear interpolation to twice the size, for what is filled in where a file is damaged.
// Source: docs/format.md, "Filling in".
#pragma once
#include <cstdint>
#include <vector>

namespace veneer {

// Values [rows][columns][channels] at the centres of squares, at those of the quarters of these: a quarter gets
// (3 own + neighbour + 2) >> 2 along each axis, rows first; the outermost are their own neighbours.
// Values are -8000..8000, so that sums fit 16 bits.
std::vector<int16_t> enlarge(const int16_t* values, int rows, int columns, int channels);

}  // namespace veneer
