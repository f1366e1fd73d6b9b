#include "common/chunk_search.h"

#include <algorithm>

#include "common/crc32c.h"

namespace veneer {
namespace {

constexpr size_t kTypeSize = 4, kHeaderSize = 8, kTrailerSize = 4, kFrameSize = kHeaderSize + kTrailerSize;
constexpr size_t kMaxLength = 0x7fffffff;  // MAX_CHUNK_LENGTH

uint32_t read_u32(const uint8_t* p) { return p[0] | uint32_t{p[1]} << 8 | uint32_t{p[2]} << 16 | uint32_t{p[3]} << 24; }

}  // namespace

FoundChunk find_chunk(const uint8_t* data, size_t size, size_t start, Span<const uint32_t> types, int64_t budget) {
  if (size < kFrameSize) return {-1, budget};
  for (size_t offset = start; offset <= size - kFrameSize; ++offset) {
    // The length is looked at first: in bytes of no pattern it is too large almost everywhere.
    const size_t length = read_u32(data + offset);
    if (length > std::min(size - kFrameSize - offset, kMaxLength)) continue;
    const uint8_t* type = data + offset + kTypeSize;
    if (std::find(types.begin(), types.end(), read_u32(type)) == types.end()) continue;
    budget -= static_cast<int64_t>(length + kFrameSize);
    if (budget < 0) return {-1, 0};
    if (crc32c(type, kTypeSize + length) == read_u32(type + kTypeSize + length)) {
      return {static_cast<ptrdiff_t>(offset), budget};
    }
  }
  return {-1, budget};
}

}  // namespace veneer
