#include "base/modular/fast.h"

#include "base/dct.h"
#include "base/modular/fast_decoding.h"
#include "base/modular/fast_plan.h"
#include "base/modular/fast_tile.h"

#define VENEER_TARGET plain
#include "base/modular/fast_lanes_plain.h"
#include "base/modular/fast_rows_inl.h"

namespace veneer::modular {
namespace fast {

void decode_row_plain(RangeDecoder& coder, PlaneState* planes, int c, int y) {
  RowReader io{coder};
  plain::code_row(io, planes, c, y);
  coder = io.coder;
}

}  // namespace fast

bool decode_fast(Bytes data, const Planes& planes) {
  using namespace fast;
  if (planes.count > kMostPlanes) return false;
  RowReader io{RangeDecoder(data.data, data.size)};
  Plan plans[kMostPlanes];
  for (int c = 0; c < planes.count; ++c) {
    if (planes.most[plane_coded_as(planes, c)] > 0 && !code_plan(io, c, &plans[c])) return false;
  }
  Tile tile(planes, plans);
  const DecodeRow decode_row = for_kernels<DecodeRow>(decode_row_plain, decode_row_avx2());
  const auto nothing = [](int, int, int16_t*) {};
  const auto decode = [&](int c, int y) {
    if (planes.most[plane_coded_as(planes, c)] > 0) decode_row(io.coder, tile.planes(), c, y);
    return io.coder.valid();
  };
  const auto give = [&](int c, int y, const int16_t* row) {
    uint16_t* const out = planes.row(plane_coded_as(planes, c), y);
    const int middle = tile.planes()[c].middle;
    for (int x = 0; x < planes.width; ++x) out[x] = static_cast<uint16_t>(row[x] + middle);
  };
  return tile.for_each_row(nothing, decode, give) && io.raw(1, 0) == 1 && io.coder.valid();
}

}  // namespace veneer::modular
