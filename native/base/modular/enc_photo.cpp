#include "base/modular/enc_photo.h"

#include "base/enc_bit_io.h"
#include "base/modular/photo.h"
#include "base/modular/photo_coder.h"

namespace veneer::modular {

Vector<uint8_t> encode_photo(const Planes& planes) {
  BitWriter io;
  int most[kMaxPlanes];
  for (int c = 0; c < planes.count; ++c) most[c] = planes.most[plane_coded_as(planes, c)];
  PhotoCoder<BitWriter> coder(io, planes.width, planes.height, planes.count, most);
  for (int y = 0; y < planes.height; ++y) {
    for (int c = 0; c < planes.count; ++c) {
      std::copy_n(planes.row(plane_coded_as(planes, c), y), planes.width, coder.row(c, y));
    }
    coder.code_row(y);
  }
  io.raw(1, 1);  // however many decisions of 0 came last, a payload does not end in words of 0
  const auto bytes = io.finish();
  return Vector<uint8_t>(bytes.begin(), bytes.end());
}

}  // namespace veneer::modular
