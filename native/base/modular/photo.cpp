#include "base/modular/photo.h"

#include <algorithm>

#include "base/dct.h"
#include "base/modular/photo_decoding.h"

#define VENEER_TARGET plain
#include "base/modular/photo_lanes_plain_inl.h"
#include "base/modular/photo_rows_inl.h"

namespace veneer::modular {
namespace photo {

void decode_row_plain(RangeDecoder& coder, Tile& tile, int y) {
  RowReader io{coder};
  plain::code_row(io, tile, y);
  coder = io.coder;
}

}  // namespace photo

bool decode_photo(Bytes data, const Planes& planes) {
  using namespace photo;
  if (planes.width > kMostPhotoWidth || (planes.count != 1 && planes.count != 3)) return false;
  int most[kMaxPlanes];
  for (int c = 0; c < planes.count; ++c) most[c] = planes.most[plane_coded_as(planes, c)];
  Tile tile(planes.width, planes.height, planes.count, most);
  const DecodeRow decode_row = for_kernels<DecodeRow>(decode_row_plain, decode_row_avx2());
  RangeDecoder coder(data.data, data.size);
  for (int y = 0; y < planes.height; ++y) {
    decode_row(coder, tile, y);
    for (int c = 0; c < planes.count; ++c) {
      std::copy_n(tile.planes[c]->row(y), planes.width, planes.row(plane_coded_as(planes, c), y));
    }
    if (!coder.valid()) return false;
  }
  return coder.raw(1) == 1 && coder.valid();
}

}  // namespace veneer::modular
