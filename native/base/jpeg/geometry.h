// Reads the geometry of a JPEG base.
// Source: docs/format.md, "Geometry".
#pragma once
#include "base/jpeg/image.h"
#include "common/span.h"

namespace veneer::jpeg {

// The payload of JHDR: everything of an image but its levels, for which no memory is taken. false: it is none.
// A file that is no JPEG that could be parsed has no components.
bool decode_geometry(Bytes data, Image* image);

}  // namespace veneer::jpeg
