// A JPEG within the text of another: its geometry, script and levels in one.
//
// Source: docs/format.md, "Embedded files".
#pragma once
#include "common/memory.h"
#include "common/span.h"

namespace veneer::jpeg {

// Adds the bytes of the JPEG, which have to be `size`, to *out. depth: how many others it is within. false: no payload.
// Memory: 128 bytes for a block, of which there are at most 16 for a byte of `size`, and 4096.
bool decode_payload(Bytes data, int depth, uint64_t size, Vector<uint8_t>* out);

}  // namespace veneer::jpeg
