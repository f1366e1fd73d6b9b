#include "base/jpeg/enc_payload.h"

#include "base/jpeg/enc_geometry.h"
#include "base/jpeg/enc_levels.h"
#include "base/jpeg/enc_script.h"
#include "base/jpeg/varint.h"

namespace veneer::jpeg {

Vector<uint8_t> encode_payload(const Image& image, const Script& script, int form, int depth) {
  Vector<uint8_t> out;
  for (const Vector<uint8_t>& part : {encode_geometry(image), write_script(image, script, form, depth)}) {
    add_number(part.size(), &out);
    out.insert(out.end(), part.begin(), part.end());
  }
  const Vector<uint8_t> levels = encode_levels(image, {0, 0, image.mcu_columns, image.mcu_rows}, form);
  out.insert(out.end(), levels.begin(), levels.end());
  return out;
}

}  // namespace veneer::jpeg
