// Decisions on their way from a loop of a SIMD target to the writer, which is no part of one.
//
// Place: encoders of the fast and of the photo form.
#pragma once
#include <cstddef>
#include <cstdint>

#include "base/enc_bit_io.h"
#include "common/inline.h"
#include "entropy/adaptive.h"

namespace veneer::modular {

// A decision as it is noted: its probability of 1 and above that the decision, or from bit 17 on a count of raw bits,
// and below that those.
constexpr int kRecordedBit = 16, kRecordedCount = 17;

struct Recorder {
  static constexpr bool kProbes = false;
  uint32_t* next;

  VENEER_INLINE int bit(BitModel& model, int value) {
    bit_at(model.p1(), value);
    model.update(value);
    return value;
  }
  VENEER_INLINE int bit_at(uint32_t p1, int value) {
    *next++ = p1 | static_cast<uint32_t>(value) << kRecordedBit;
    return value;
  }
  VENEER_INLINE uint32_t raw(int count, uint32_t value) {
    *next++ = static_cast<uint32_t>(count) << kRecordedCount | value;
    return value;
  }
};

inline void write_decisions(BitWriter& io, const uint32_t* decisions, size_t count) {
  for (size_t i = 0; i < count; ++i) {
    const uint32_t d = decisions[i], low = d & 0xffff;
    const auto raw_bits = static_cast<int>(d >> kRecordedCount);
    if (raw_bits > 0) {
      io.raw(raw_bits, low);
    } else {
      io.bit_at(low, static_cast<int>(d >> kRecordedBit & 1));
    }
  }
}

}  // namespace veneer::modular
