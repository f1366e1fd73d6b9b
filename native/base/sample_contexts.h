// What the coders of samples by contexts share: alpha, screen content, lossless tiles.
// Source: docs/format.md, "Samples" and "Mixing" of alpha planes.
#pragma once
#include <algorithm>
#include <cstdint>

#include "common/inline.h"

namespace veneer {

// The median of w, n and w + n - nw: what the samples to the left, above and above left let expect.
VENEER_INLINE int32_t gradient(int32_t w, int32_t n, int32_t nw) {
  const int32_t least = w < n ? w : n, most = w + n - least, both = w + n - nw;
  return both < least ? least : both > most ? most : both;
}

// Bits of the number of an entry in a table for a plane of so many pixels: the least number of bits that count to them,
// and `more`, within limits.
inline int table_bits(int64_t pixels, int more, int least, int most) {
  int bits = 0;
  while (int64_t{1} << bits < pixels) ++bits;
  return std::clamp(bits + more, least, most);
}

}  // namespace veneer
