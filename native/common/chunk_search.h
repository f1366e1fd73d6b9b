// The search for the next intact chunk after damage, with a bound on its work.
// Source: docs/format.md, "Chunks" and "Damaged and cut files".
#pragma once
#include <cstddef>
#include <cstdint>

#include "common/span.h"

namespace veneer {

struct FoundChunk {
  ptrdiff_t offset;  // of its header; -1: not found
  int64_t budget;    // what remains of it, at least 0
};

// The first intact chunk of one of the types whose header begins at `start` or later.
// `types` are four bytes each, read as a little-endian number. Each candidate takes its whole length off the budget, and
// the search ends where there is not enough of it left.
FoundChunk find_chunk(const uint8_t* data, size_t size, size_t start, Span<const uint32_t> types, int64_t budget);

}  // namespace veneer
