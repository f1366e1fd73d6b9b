// Writes a JPEG that is within another.
#pragma once
#include "base/jpeg/image.h"
#include "base/jpeg/script.h"

namespace veneer::jpeg {

// For decode_payload(): geometry, script and levels of `form` as encode_levels() has it, of a JPEG that is within
// `depth` others.
Vector<uint8_t> encode_payload(const Image& image, const Script& script, int form, int depth);

}  // namespace veneer::jpeg
