// Decodes the alpha plane of one tile.
// Source: docs/format.md, "Alpha plane".
#pragma once
#include <cstddef>
#include <cstdint>

namespace veneer {

// Reads a payload into w x h samples, `pixel_stride` bytes from one to the next, `row_bytes` from row to row; w,
// h >= 1. False if the data cannot be decoded; `out` then holds anything.
bool decode_alpha(const uint8_t* data, size_t size, int w, int h, uint8_t* out, ptrdiff_t pixel_stride,
                  ptrdiff_t row_bytes);

}  // namespace veneer
