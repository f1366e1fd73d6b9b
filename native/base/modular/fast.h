// The fast form: for pictures from cameras, several times as fast as the photo form.
//
// Place: one of the forms of a modular tile.
// Source: docs/format.md, "Fast form".
#pragma once
#include "base/modular/planes.h"
#include "common/span.h"

namespace veneer::modular {

// Writes 1 to 3 planes without alpha, whose sizes and `most` are set. False where the data are no payload.
bool decode_fast(Bytes data, const Planes& planes);

}  // namespace veneer::modular
