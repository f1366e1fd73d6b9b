// The range coder that carries every symbol of a file: base layer, alpha and latents.
//
// Arithmetic of constriction's `stream.queue` coder: 32-bit words, 64-bit state, probabilities of up to
// 24 bits. The state is an interval [lower, lower + range) modulo 2^64 with the invariant range >= 2^32;
// a symbol with cumulative `left` and probability `prob` out of 2^precision narrows it to
//     lower += (range >> precision) * left,  range = (range >> precision) * prob,
// and a word leaves (enters) whenever range < 2^32.
// Source: G. N. N. Martin, "Range encoding" (1979); docs/format.md, "Range coder".
#pragma once
#include <cstddef>
#include <cstdint>

#include "adaptive.h"
#include "common/inline.h"

namespace veneer {

constexpr int kMaxPrecision = 24;
constexpr int kBitPrecision = 16;  // precision of a modelled binary decision

class RangeDecoder {
 public:
  // Reads little-endian words; bytes past the end are zero.
  RangeDecoder(const uint8_t* data, size_t size) : next_(data), end_(data + size) {
    offset_ = static_cast<uint64_t>(word()) << 32;
    offset_ |= word();
  }

  VENEER_INLINE int bit(uint32_t p1) {
    const uint64_t scale = range_ >> kBitPrecision;
    const uint64_t split = scale * ((1u << kBitPrecision) - p1);
    const int value = offset_ >= split;
    if (value) {
      offset_ -= split;
      range_ = scale * p1;
    } else {
      range_ = split;
    }
    renormalize();
    return value;
  }

  // The same without a branch by the value: for decisions that are hard to foresee, or whose value is used late.
  VENEER_INLINE int bit_without_branch(uint32_t p1) {
    const uint64_t scale = range_ >> kBitPrecision;
    const uint64_t split = scale * ((1u << kBitPrecision) - p1), rest = scale * p1;
    const uint64_t one = offset_ >= split, mask = 0 - one;
    offset_ -= split & mask;
    range_ = split ^ ((split ^ rest) & mask);
    renormalize();
    return static_cast<int>(one);
  }

  VENEER_INLINE uint32_t raw(int count) {
    uint32_t value = 0;
    while (count-- > 0) {
      range_ >>= 1;
      const uint32_t one = offset_ >= range_;
      offset_ -= one ? range_ : 0;
      value = value << 1 | one;
      renormalize();
    }
    return value;
  }

  // Position of the next symbol in [0, 2^precision); 2^precision says that the data are not a stream.
  uint32_t quantile(int precision) const {
    const uint64_t q = offset_ / (range_ >> precision);
    return q >> precision ? 1u << precision : static_cast<uint32_t>(q);
  }

  // Removes the symbol found by quantile().
  void consume(uint32_t left, uint32_t prob, int precision) {
    const uint64_t scale = range_ >> precision;
    offset_ -= scale * left;
    range_ = scale * prob;
    renormalize();
  }

  // False once the data cannot be the output of an encoder, and from then on. Reading past the end does not
  // count: a stream may end in any number of zero words, which words_to_bytes() leaves out.
  VENEER_INLINE bool valid() const { return offset_ < range_; }

  // Whether every symbol so far would be the same whatever bytes followed the data, for data that are cut: the
  // interval holds the number that the data name, and with it the largest that they can be the beginning of.
  bool certain() const {
    if (words_cut_ > 2) return false;
    const uint64_t first = first_unknown_;
    const uint64_t unknown = words_cut_ == 0 ? 0 : words_cut_ == 1 ? first : first << 32 | ~uint32_t{0};
    return offset_ < range_ && unknown < range_ - offset_;
  }

 private:
  VENEER_INLINE uint32_t word() {
    uint32_t value = 0;
    if (end_ - next_ >= 4) {
      value = static_cast<uint32_t>(next_[0]) | static_cast<uint32_t>(next_[1]) << 8 |
              static_cast<uint32_t>(next_[2]) << 16 | static_cast<uint32_t>(next_[3]) << 24;
      next_ += 4;
      return value;
    }
    if (words_cut_++ == 0) first_unknown_ = ~uint32_t{0} << (8 * (end_ - next_));
    for (int shift = 0; next_ < end_; shift += 8) value |= static_cast<uint32_t>(*next_++) << shift;
    return value;
  }

  VENEER_INLINE void renormalize() {
    if (range_ >> 32) return;
    range_ <<= 32;
    const uint64_t next = offset_ << 32 | word();
    offset_ = offset_ >> 32 ? ~uint64_t{0} : next;  // saturates, so that what is invalid stays so
  }

  uint64_t range_ = ~uint64_t{0};
  uint64_t offset_ = 0;  // of the coded point above the lower end of the interval
  const uint8_t* next_;
  const uint8_t* end_;
  uint64_t words_cut_ = 0;      // words read that are not whole in the data
  uint32_t first_unknown_ = 0;  // the bits that are missing from the first of them
};

}  // namespace veneer
