// Writes the geometry of a JPEG base.
#pragma once
#include "base/jpeg/image.h"

namespace veneer::jpeg {

// The payload of JHDR.
Vector<uint8_t> encode_geometry(const Image& image);

}  // namespace veneer::jpeg
