// Encoder: the photo form.
#pragma once
#include "base/modular/planes.h"
#include "common/memory.h"

namespace veneer::modular {

// The payload of 1 or 3 planes, no wider than kMostPhotoWidth. They are not changed. It takes as long as decoding does,
// whatever the effort.
Vector<uint8_t> encode_photo(const Planes& planes);

}  // namespace veneer::modular
