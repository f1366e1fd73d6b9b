// The writing side of the range coder.
// Source: docs/format.md, "Range coder".
#pragma once
#include <cstdint>
#include <vector>

#include "entropy/range_coder.h"

namespace veneer {

class RangeEncoder {
 public:
  // 0 <= left, 0 < prob, left + prob <= 2^precision, 1 <= precision <= kMaxPrecision.
  void encode(uint32_t left, uint32_t prob, int precision) {
    const uint64_t scale = range_ >> precision;
    add(scale * left);
    range_ = scale * prob;
    renormalize();
  }

  // A binary decision whose probability of 1 is p1 / 2^16, 0 < p1 < 2^16.
  VENEER_INLINE void bit(int value, uint32_t p1) {
    const uint64_t scale = range_ >> kBitPrecision;
    const uint32_t p0 = (1u << kBitPrecision) - p1;
    if (value) {
      add(scale * p0);
      range_ = scale * p1;
    } else {
      range_ = scale * p0;
    }
    renormalize();
  }

  // The same without a branch by the value.
  VENEER_INLINE void bit_without_branch(int value, uint32_t p1) {
    const uint64_t scale = range_ >> kBitPrecision, mask = 0 - static_cast<uint64_t>(value);
    const uint64_t p0 = (1u << kBitPrecision) - p1;
    add((scale * p0) & mask);
    range_ = scale * (p0 ^ ((p0 ^ p1) & mask));
    renormalize();
  }

  // `count` bits of probability one half each, most significant first.
  void raw(uint32_t value, int count) {
    while (count-- > 0) encode((value >> count) & 1, 1, 1);
  }

  // Ends the stream: with the fewest words that lie in the interval whatever words follow.
  const std::vector<uint32_t>& finish() {
    if (words_.empty() && range_ == ~uint64_t{0}) return words_;
    const uint64_t last = lower_ + range_;
    add((uint64_t{1} << 32) - 1);
    const uint32_t word = static_cast<uint32_t>(lower_ >> 32);
    words_.push_back(word);
    if (static_cast<uint32_t>(last >> 32) == word) words_.push_back(0);
    return words_;
  }

  const std::vector<uint32_t>& words() const { return words_; }

 private:
  VENEER_INLINE void add(uint64_t amount) {
    lower_ += amount;
    if (lower_ < amount) carry();
  }

  VENEER_INLINE void renormalize() {
    if (range_ >> 32) return;
    push();
    range_ <<= 32;
  }

  // These two are rare, and no function that a source of a SIMD target could define: they use a vector.
  void carry();  // into the words already written
  void push();   // the upper half of lower_ leaves as a word

  uint64_t lower_ = 0;
  uint64_t range_ = ~uint64_t{0};
  std::vector<uint32_t> words_;
};

// Words as little-endian bytes without trailing zero bytes, which the decoder reads past the end anyway.
std::vector<uint8_t> words_to_bytes(const std::vector<uint32_t>& words);

}  // namespace veneer
