// The decoding loop of the fast form for AVX2.
#include "base/modular/fast_decoding.h"

#if defined(__AVX2__)

#define VENEER_TARGET avx2
#include "base/modular/fast_lanes_avx2.h"
#include "base/modular/fast_rows_inl.h"

namespace veneer::modular::fast {

static void decode_row(RangeDecoder& coder, PlaneState* planes, int c, int y) {
  RowReader io{coder};
  avx2::code_row(io, planes, c, y);
  coder = io.coder;
}

DecodeRow decode_row_avx2() { return decode_row; }

}  // namespace veneer::modular::fast

#else

namespace veneer::modular::fast {

DecodeRow decode_row_avx2() { return nullptr; }

}  // namespace veneer::modular::fast

#endif
