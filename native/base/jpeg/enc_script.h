// Writes scripts.
#pragma once
#include "base/jpeg/image.h"
#include "base/jpeg/script.h"

namespace veneer::jpeg {

// The payload of JSCR. JPEGs within the text are coded as such, with levels of `form` as encode_levels() has it.
Vector<uint8_t> encode_script(const Image& geometry, const Script& script, int form);

// The same for the script of a JPEG that is within `depth` others.
Vector<uint8_t> write_script(const Image& geometry, const Script& script, int form, int depth);

// Bytes by the bytes model, for decode_bytes().
Vector<uint8_t> encode_bytes(Bytes plain, const Image& geometry, size_t start);

}  // namespace veneer::jpeg
