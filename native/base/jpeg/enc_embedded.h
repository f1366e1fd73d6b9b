// Finds JPEGs within bytes: thumbnails, second pictures, gain maps.
#pragma once
#include "base/jpeg/image.h"
#include "base/jpeg/script.h"

namespace veneer::jpeg {

struct EmbeddedJpeg {
  size_t at = 0, size = 0;
  Vector<uint8_t> payload;  // for decode_payload(), which has been tried
};

// Those in the text of a script that is within `depth` others, in their order. None has any of the script's optimal
// tables; each payload is smaller than what the bytes model would give.
Vector<EmbeddedJpeg> find_embedded(const Script& script, int form, int depth);

}  // namespace veneer::jpeg
