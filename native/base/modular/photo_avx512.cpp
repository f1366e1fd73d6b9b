// The decoding loop of the photo form for AVX-512.
#include "base/modular/photo_decoding.h"

#if defined(__AVX512VL__)

#define VENEER_TARGET avx512
#include "base/modular/photo_lanes_avx2_inl.h"
#include "base/modular/photo_rows_inl.h"

namespace veneer::modular::photo {

static void decode_row(RangeDecoder& coder, Tile& tile, int y) {
  RowReader io{coder};
  avx512::code_row(io, tile, y);
  coder = io.coder;
}

DecodeRow decode_row_avx512() { return decode_row; }

}  // namespace veneer::modular::photo

#else

namespace veneer::modular::photo {

DecodeRow decode_row_avx512() { return nullptr; }

}  // namespace veneer::modular::photo

#endif
