// The forms that planes may be coded in.
//
// Source: docs/format.md, "Modular tiles".
#pragma once
#include "base/modular/planes.h"
#include "common/span.h"

namespace veneer::modular {

enum class Form : int { kStored, kPhoto, kFast, kGraphics };
constexpr int kForms = 4;

// Whether a form codes alpha together with the colours; of others, the tile codes alpha by itself.
inline bool codes_alpha(Form form) { return form == Form::kStored || form == Form::kGraphics; }

// Writes the planes, whose sizes and `most` are set. False where the data are no payload of this form.
bool decode_form(Form form, Bytes data, const Planes& planes);

// Values as they are: the samples of each plane, row by row, of as many bits as its `most` has, without gaps.
bool decode_stored(Bytes data, const Planes& planes);

// Bits of a value of 0..most; 0 where that is 0.
inline int bits_of(int most) {
  int bits = 0;
  while (most >> bits) ++bits;
  return bits;
}

}  // namespace veneer::modular
