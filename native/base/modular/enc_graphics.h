// Encodes planes in the graphics form.
#pragma once
#include "base/modular/planes.h"
#include "common/memory.h"

namespace veneer::modular {

// effort: 1..9; more of it tries more settings of the form.
Vector<uint8_t> encode_graphics(const Planes& planes, int effort);

}  // namespace veneer::modular
