// Encoder of the fast form.
#pragma once
#include "base/modular/planes.h"
#include "common/memory.h"

namespace veneer::modular {

// 1 to 3 planes without alpha, which are not changed. Effort 1..9.
Vector<uint8_t> encode_fast(const Planes& planes, int effort);

}  // namespace veneer::modular
