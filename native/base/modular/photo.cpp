#include "base/modular/photo.h"

#include "base/bit_io.h"
#include "base/dct.h"
#include "base/modular/photo_coder.h"

namespace veneer::modular {

const PhotoKernels& photo_kernels() {
  const PhotoKernels* const wide = kernels_have_avx2() ? avx2_photo_kernels() : nullptr;
  return wide != nullptr ? *wide : plain_photo_kernels();
}

bool decode_photo(Bytes data, const Planes& planes) {
  if (planes.width > kMostPhotoWidth || (planes.count != 1 && planes.count != 3)) return false;
  BitReader io(data.data, data.size);
  int most[kMaxPlanes];
  for (int c = 0; c < planes.count; ++c) most[c] = planes.most[plane_coded_as(planes, c)];
  PhotoCoder<BitReader> coder(io, planes.width, planes.height, planes.count, most);
  for (int y = 0; y < planes.height; ++y) {
    coder.code_row(y);
    for (int c = 0; c < planes.count; ++c) {
      std::copy_n(coder.row(c, y), planes.width, planes.row(plane_coded_as(planes, c), y));
    }
    if (!io.valid()) return false;
  }
  return io.raw(1, 0) == 1 && io.valid();
}

}  // namespace veneer::modular
