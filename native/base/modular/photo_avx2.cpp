// The decoding loop of the photo form for AVX2; the target avx512 has it too, since it is no faster with more registers.
#include "base/modular/photo_decoding.h"

#if defined(__AVX2__)

#define VENEER_TARGET avx2
#include "base/modular/photo_lanes_avx2_inl.h"
#include "base/modular/photo_rows_inl.h"

namespace veneer::modular::photo {

static void decode_row(RangeDecoder& coder, Tile& tile, int y) {
  RowReader io{coder};
  avx2::code_row(io, tile, y);
  coder = io.coder;
}

DecodeRow decode_row_avx2() { return decode_row; }

}  // namespace veneer::modular::photo

#else

namespace veneer::modular::photo {

DecodeRow decode_row_avx2() { return nullptr; }

}  // namespace veneer::modular::photo

#endif
