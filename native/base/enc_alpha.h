// Codes the alpha plane of one tile without loss.
// Source: docs/format.md, "Alpha plane".
#pragma once
#include <cstddef>
#include <cstdint>
#include <vector>

namespace veneer {

// Alpha of w x h pixels, `pixel_stride` bytes from one to the next, `row_bytes` from row to row; w, h >= 1. An opaque
// plane has an empty payload.
std::vector<uint8_t> encode_alpha(const uint8_t* alpha, ptrdiff_t pixel_stride, ptrdiff_t row_bytes, int w, int h);

}  // namespace veneer
