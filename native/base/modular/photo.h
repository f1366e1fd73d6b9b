// The photo form: for pictures from cameras. Slow, and small.
//
// Place: one of the forms of a modular tile. photo_rows_inl.h is the form itself.
// Source: docs/format.md, "Photo form".
#pragma once
#include "base/modular/planes.h"
#include "common/span.h"

namespace veneer::modular {

// Wider tiles are not coded in this form: the memory that it takes grows with the width, by about 4 kB a column.
constexpr int kMostPhotoWidth = 2048;

// Writes 1 or 3 planes, whose sizes and `most` are set. False where the data are no payload.
bool decode_photo(Bytes data, const Planes& planes);

}  // namespace veneer::modular
