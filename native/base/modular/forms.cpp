#include "base/modular/forms.h"

#include "base/modular/fast.h"
#include "base/modular/graphics.h"
#include "base/modular/photo.h"

namespace veneer::modular {

bool decode_form(Form form, Bytes data, const Planes& planes) {
  switch (form) {
    case Form::kStored:
      return decode_stored(data, planes);
    case Form::kPhoto:
      return decode_photo(data, planes);
    case Form::kGraphics:
      return decode_graphics(data, planes);
    case Form::kFast:
      return decode_fast(data, planes);
    default:
      return false;
  }
}

}  // namespace veneer::modular
