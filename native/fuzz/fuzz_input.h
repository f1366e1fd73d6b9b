// What the fuzz targets share: taking numbers from the front of an input, and stopping where a promise is broken.
#pragma once
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <vector>

namespace veneer::fuzz {

// The bytes of an input, first to last; past the end they are zero.
class Input {
 public:
  Input(const uint8_t* data, size_t size) : next_(data), end_(data + size) {}

  size_t left() const { return static_cast<size_t>(end_ - next_); }
  const uint8_t* rest() const { return next_; }

  uint8_t byte() { return next_ < end_ ? *next_++ : uint8_t{0}; }
  uint16_t two_bytes() {
    const unsigned low = byte();
    return static_cast<uint16_t>(low | unsigned{byte()} << 8);
  }
  // low..high, both within int16 and at most 65535 apart.
  int number(int low, int high) { return low + (high - low < 256 ? byte() : two_bytes()) % (high - low + 1); }

  // A copy of the next `size` bytes, in memory of its own, so that a read past its end is seen.
  std::vector<uint8_t> take(size_t size) {
    std::vector<uint8_t> bytes(next_, next_ + (size < left() ? size : left()));
    next_ += bytes.size();
    return bytes;
  }

 private:
  const uint8_t* next_;
  const uint8_t* end_;
};

// Ends the process as a finding unless `holds`.
inline void promise(bool holds, const char* what) {
  if (holds) return;
  std::fprintf(stderr, "broken promise: %s\n", what);
  std::abort();
}

}  // namespace veneer::fuzz
