#include "base/modular/enc_forms.h"

#include "base/modular/enc_fast.h"
#include "base/modular/enc_graphics.h"
#include "base/modular/enc_photo.h"
#include "base/modular/photo.h"

namespace veneer::modular {

bool can_encode(Form form, int width) {
  return form == Form::kStored || form == Form::kFast || form == Form::kGraphics ||
         (form == Form::kPhoto && width <= kMostPhotoWidth);
}

Vector<uint8_t> encode_form(Form form, const Planes& planes, int effort) {
  switch (form) {
    case Form::kPhoto:
      return encode_photo(planes);
    case Form::kFast:
      return encode_fast(planes, effort);
    case Form::kGraphics:
      return encode_graphics(planes, effort);
    default:
      return encode_stored(planes);
  }
}

Vector<uint8_t> encode_stored(const Planes& planes) {
  Vector<uint8_t> bytes;
  uint32_t buffer = 0;
  int held = 0;  // bits of the buffer that are not yet written: at most 7 between values
  for (int p = 0; p < planes.count; ++p) {
    const int bits = bits_of(planes.most[p]);
    for (int y = 0; y < planes.height; ++y) {
      const uint16_t* const row = planes.row(p, y);
      for (int x = 0; x < planes.width; ++x) {
        buffer = buffer << bits | row[x];
        held += bits;
        for (; held >= 8; held -= 8) bytes.push_back(static_cast<uint8_t>(buffer >> (held - 8)));
      }
    }
  }
  if (held > 0) bytes.push_back(static_cast<uint8_t>(buffer << (8 - held)));
  return bytes;
}

}  // namespace veneer::modular
