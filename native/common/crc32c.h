// CRC-32C (Castagnoli), the checksum of chunks and of weight files.
// Source: docs/format.md, "Chunks"; RFC 3720, appendix B.4.
#pragma once
#include <cstddef>
#include <cstdint>

namespace veneer {

// Checksum of `value`'s data followed by `data`; 0 is the checksum of no data.
uint32_t crc32c(const uint8_t* data, size_t size, uint32_t value = 0);

}  // namespace veneer
