// Encoder only: the colour of pixels that nobody sees.
#pragma once
#include <cstddef>
#include <cstdint>
#include <vector>

namespace veneer {

// Where pixels of alpha 0 occur, copies w x h pixels of 2 (grey, alpha) or 4 channels (RGB, alpha) to `out`, without
// gaps, and gives those pixels a smooth continuation of the visible ones around them. Returns false, and leaves `out`
// alone, where none occur.
bool fill_hidden(const uint8_t* pixels, ptrdiff_t row_bytes, int channels, int w, int h, std::vector<uint8_t>* out);

}  // namespace veneer
