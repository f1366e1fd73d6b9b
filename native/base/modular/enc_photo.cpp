#include "base/modular/enc_photo.h"

#include <algorithm>

#include "base/dct.h"
#include "base/enc_bit_io.h"
#include "base/modular/enc_photo_rows.h"

#define VENEER_TARGET plain
#include "base/modular/photo_lanes_plain_inl.h"
#include "base/modular/photo_rows_inl.h"

namespace veneer::modular {
namespace photo {

size_t record_row_plain(uint32_t* decisions, Tile& tile, int y) {
  Recorder io{decisions};
  plain::code_row(io, tile, y);
  return static_cast<size_t>(io.next - decisions);
}

}  // namespace photo

Vector<uint8_t> encode_photo(const Planes& planes) {
  using namespace photo;
  int most[kMaxPlanes];
  for (int c = 0; c < planes.count; ++c) most[c] = planes.most[plane_coded_as(planes, c)];
  Tile tile(planes.width, planes.height, planes.count, most);
  const RecordRow record_row = for_kernels<RecordRow>(record_row_plain, record_row_avx2());
  Vector<uint32_t> decisions(static_cast<size_t>(planes.width) * static_cast<size_t>(planes.count) * kMostDecisions);
  BitWriter io;
  for (int y = 0; y < planes.height; ++y) {
    for (int c = 0; c < planes.count; ++c) {
      std::copy_n(planes.row(plane_coded_as(planes, c), y), planes.width, tile.planes[c]->row(y));
    }
    write_decisions(io, decisions.data(), record_row(decisions.data(), tile, y));
  }
  io.raw(1, 1);  // however many decisions of 0 came last, a payload does not end in words of 0
  const auto bytes = io.finish();
  return Vector<uint8_t>(bytes.begin(), bytes.end());
}

}  // namespace veneer::modular
