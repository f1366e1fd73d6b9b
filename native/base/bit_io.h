// The reading side of the syntax functions; enc_bit_io.h has the one that writes.
// Source: docs/format.md, "Adaptive binary models".
#pragma once
#include <cstdint>

#include "entropy/adaptive.h"
#include "entropy/range_coder.h"

namespace veneer {

class BitReader {
 public:
  static constexpr bool kReads = true;
  BitReader(const uint8_t* data, size_t size) : coder_(data, size) {}

  int bit(BitModel& model, int) {
    const int value = coder_.bit(model.p1());
    model.update(value);
    return value;
  }
  // A decision whose probability of 1 is p1 / 2^16.
  int bit_at(uint32_t p1, int) { return coder_.bit(p1); }
  // The mean of two models.
  int bit(BitModel& a, BitModel& b, int) {
    const int value = coder_.bit(mean_p1(a, b));
    a.update(value);
    b.update(value);
    return value;
  }
  uint32_t raw(int count, uint32_t) { return coder_.raw(count); }
  bool valid() const { return coder_.valid(); }
  bool certain() const { return coder_.certain(); }

 private:
  RangeDecoder coder_;
};

}  // namespace veneer
