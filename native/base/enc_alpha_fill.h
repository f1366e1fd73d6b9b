// Encoder only: the colour of pixels that nobody sees.
#pragma once
#include <cstdint>
#include <vector>

#include "common/image.h"

namespace veneer {

// Where pixels of alpha 0 occur, copies a picture of 2 (grey, alpha) or 4 channels (RGB, alpha) to `out` and gives those
// pixels a smooth continuation of the visible ones around them. Returns false, and leaves `out` alone, where none occur.
// depth: bits of a sample. T is uint8_t or uint16_t.
template <typename T>
bool fill_hidden(const View<const T>& pixels, int depth, Image<T>* out);

}  // namespace veneer
