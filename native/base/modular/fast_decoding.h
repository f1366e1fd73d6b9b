// The loop over the samples of a row when decoding, one function per SIMD target: all give the same.
#pragma once
#include "base/modular/fast_state.h"
#include "common/inline.h"
#include "entropy/range_coder.h"

namespace veneer::modular::fast {

using DecodeRow = void (*)(RangeDecoder& coder, PlaneState* planes, int c, int y);

void decode_row_plain(RangeDecoder& coder, PlaneState* planes, int c, int y);
// Null where the build has no AVX2.
DecodeRow decode_row_avx2();

struct RowReader {
  static constexpr bool kProbes = false;
  RangeDecoder coder;

  VENEER_INLINE int bit(BitModel& model, int) {
    const int value = coder.bit(model.p1());
    model.update(value);
    return value;
  }
  VENEER_INLINE uint32_t raw(int count, uint32_t) { return coder.raw(count); }
};

}  // namespace veneer::modular::fast
