// Encoder: planes in each of the forms.
#pragma once
#include "base/modular/forms.h"
#include "common/memory.h"

namespace veneer::modular {

// Whether this encoder writes a form for tiles of so many pixels a row.
bool can_encode(Form form, int width);

// The payload of planes, which are not changed; effort 1..9. `form` is one that can be encoded.
Vector<uint8_t> encode_form(Form form, const Planes& planes, int effort);

Vector<uint8_t> encode_stored(const Planes& planes);

}  // namespace veneer::modular
