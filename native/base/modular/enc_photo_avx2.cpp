// The encoder's loop of the photo form for AVX2; the target avx512 has it too.
#include "base/modular/enc_photo_rows.h"

#if defined(__AVX2__)

#define VENEER_TARGET avx2
#include "base/modular/photo_lanes_avx2_inl.h"
#include "base/modular/photo_rows_inl.h"

namespace veneer::modular::photo {

static size_t record_row(uint32_t* decisions, Tile& tile, int y) {
  Recorder io{decisions};
  avx2::code_row(io, tile, y);
  return static_cast<size_t>(io.next - decisions);
}

RecordRow record_row_avx2() { return record_row; }

}  // namespace veneer::modular::photo

#else

namespace veneer::modular::photo {

RecordRow record_row_avx2() { return nullptr; }

}  // namespace veneer::modular::photo

#endif
