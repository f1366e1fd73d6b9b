// Numbers of any size: 7 bits in each byte, the lower ones first; the upper bit says that another follows.
#pragma once
#include <cstdint>

#include "common/memory.h"
#include "common/span.h"

namespace veneer::jpeg {

inline void add_number(uint64_t value, Vector<uint8_t>* out) {
  for (; value > 127; value >>= 7) out->push_back(static_cast<uint8_t>(value | 128));
  out->push_back(static_cast<uint8_t>(value));
}

// Takes numbers and bytes from the beginning of data. After a failure, which good() tells, everything is 0.
class NumberReader {
 public:
  explicit NumberReader(Bytes data) : rest_(data) {}

  uint8_t byte() {
    if (rest_.empty()) return fail();
    const uint8_t value = rest_[0];
    rest_ = rest_.from(1);
    return value;
  }
  // Up to 2^42.
  uint64_t number() {
    uint64_t value = 0;
    for (int shift = 0; shift < 42; shift += 7) {
      const uint8_t next = byte();
      value |= uint64_t{next & 127u} << shift;
      if (next < 128) return value;
    }
    return fail();
  }
  // At most `most`.
  uint64_t number(uint64_t most) {
    const uint64_t value = number();
    return value <= most ? value : fail();
  }
  Bytes bytes(uint64_t count) {
    if (count > rest_.size) {
      fail();
      return {};
    }
    const Bytes taken = rest_.part(0, static_cast<size_t>(count));
    rest_ = rest_.from(static_cast<size_t>(count));
    return taken;
  }
  Bytes rest() const { return rest_; }
  bool good() const { return good_; }

 private:
  uint8_t fail() {
    good_ = false;
    rest_ = rest_.part(0, 0);
    return 0;
  }

  Bytes rest_;
  bool good_ = true;
};

}  // namespace veneer::jpeg
