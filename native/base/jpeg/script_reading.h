// Parts of reading a script that payloads use as well.
// Source: docs/format.md, "Script" and "Bytes model".
#pragma once
#include "base/jpeg/script.h"

namespace veneer::jpeg {

// decode_script for a JPEG that is within `depth` others.
ScriptState read_script(Bytes data, const Image& geometry, uint64_t limit, ScriptPart part, int depth, Script* script);

// Bytes of the bytes model, `size` of them, a file's from number `start` on; none if the data cannot be theirs.
Vector<uint8_t> decode_bytes(Bytes coded, const Image& geometry, size_t start, size_t size);

}  // namespace veneer::jpeg
