// Places in a file. Payloads are kept as these and not as pointers: a file that arrives in pieces moves in memory.
#pragma once
#include <cstddef>
#include <cstdint>

#include "common/span.h"

namespace veneer {

struct Extent {
  int64_t offset = -1;  // in the file; -1 where there is nothing, which is not the same as no bytes
  size_t size = 0;

  bool present() const { return offset >= 0; }
  // The bytes; none where there is nothing. The place lies within the file.
  Bytes in(Bytes file) const { return present() ? file.part(static_cast<size_t>(offset), size) : Bytes(); }
  // The same place without its first bytes, which it has.
  Extent from(size_t first) const { return {offset + static_cast<int64_t>(first), size - first}; }
  Extent first(size_t count) const { return {offset, count}; }
};

}  // namespace veneer
