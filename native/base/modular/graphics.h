// Decodes planes of the graphics form.
// Source: docs/format.md, "Graphics form".
#pragma once
#include "base/modular/planes.h"
#include "common/span.h"

namespace veneer::modular {

// Writes all planes, alpha too, whose sizes and `most` are set. False where the data are no payload.
bool decode_graphics(Bytes data, const Planes& planes);

}  // namespace veneer::modular
