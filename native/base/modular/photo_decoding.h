// The loop over the samples of a row when decoding, one function per SIMD target: all give the same.
#pragma once
#include "base/modular/photo_state.h"
#include "common/inline.h"
#include "entropy/range_coder.h"

namespace veneer::modular::photo {

using DecodeRow = void (*)(RangeDecoder& coder, Tile& tile, int y);

void decode_row_plain(RangeDecoder& coder, Tile& tile, int y);
// Null where the build has no AVX2.
DecodeRow decode_row_avx2();

struct RowReader {
  RangeDecoder coder;

  VENEER_INLINE int bit(BitModel& model, int) {
    const int value = coder.bit(model.p1());
    model.update(value);
    return value;
  }
  VENEER_INLINE int bit_at(uint32_t p1, int) { return coder.bit(p1); }
  VENEER_INLINE uint32_t raw(int count, uint32_t) { return coder.raw(count); }
};

}  // namespace veneer::modular::photo
