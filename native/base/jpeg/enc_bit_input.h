// Reads the codes of a scan from the bytes of a file.
#pragma once
#include <algorithm>
#include <cstddef>
#include <cstdint>

#include "base/jpeg/huffman.h"
#include "common/span.h"

namespace veneer::jpeg {

// Symbols by the next bits: short codes at once, longer ones by the ranges of their lengths. Where a table has a symbol
// several times, all codes but the first are errors, since rebuilding would not write them.
class CodeReader {
 public:
  static constexpr int kFastBits = 10;
  struct Code {
    uint8_t symbol, length;  // length 0: not a short code
  };

  explicit CodeReader(const HuffmanTable& table) {
    uint32_t code = 0;
    int first = 0;
    for (int length = 1; length <= kLongestCode; ++length, code <<= 1) {
      first_code_[length] = code;
      first_index_[length] = first;
      for (int i = 0; i < table.counts[length]; ++i, ++code, ++first) {
        const uint8_t symbol = table.symbols[first];
        right_[first] = table.length[symbol] == length && table.code[symbol] == code;
        symbols_[first] = symbol;
        if (length > kFastBits || !right_[first]) continue;
        std::fill_n(fast_ + (code << (kFastBits - length)), size_t{1} << (kFastBits - length),
                    Code{symbol, static_cast<uint8_t>(length)});
      }
      end_code_[length] = code;
    }
  }

  // `bits`: the next 16. length 0: no code.
  Code find(uint32_t bits) const {
    const Code code = fast_[bits >> (16 - kFastBits)];
    if (code.length) return code;
    for (int length = 1; length <= kLongestCode; ++length) {
      const uint32_t prefix = bits >> (16 - length);
      if (prefix < first_code_[length] || prefix >= end_code_[length]) continue;
      const size_t index = static_cast<size_t>(first_index_[length]) + (prefix - first_code_[length]);
      return right_[index] ? Code{symbols_[index], static_cast<uint8_t>(length)} : Code{0, 0};
    }
    return {0, 0};
  }

 private:
  Code fast_[size_t{1} << kFastBits] = {};
  uint32_t first_code_[kLongestCode + 1] = {}, end_code_[kLongestCode + 1] = {};
  int first_index_[kLongestCode + 1] = {};
  uint8_t symbols_[256] = {};
  bool right_[256] = {};
};

// Bits of an interval, which ends before the next marker. Past its end they are 0.
class BitInput {
 public:
  BitInput(Bytes data, size_t at) : data_(data), next_(at) {}

  // The next 16 bits.
  uint32_t peek() {
    if (count_ < 16) refill();
    return static_cast<uint32_t>(buffer_ >> (count_ - 16)) & 0xffff;
  }
  void skip(int count) { count_ -= count; }
  // count: 0..16.
  uint32_t bits(int count) {
    if (count_ < count) refill();
    count_ -= count;
    return static_cast<uint32_t>(buffer_ >> count_) & ((1u << count) - 1);
  }
  int bits_of_byte() const { return count_ & 7; }  // that are left of the byte begun on
  bool past_end() const { return count_ < beyond_; }

  // Of the byte that holds the next bit. Only while past_end() is false.
  size_t position() const {
    size_t at = next_;
    for (int whole = (count_ - beyond_ + 7) / 8; whole > 0; --whole) {
      at -= at >= 2 && data_[at - 1] == 0 && data_[at - 2] == 0xff ? 2 : 1;
    }
    return at;
  }

 private:
  void refill() {
    while (count_ <= 48) {
      uint8_t byte = 0;
      if (beyond_ == 0 && next_ < data_.size && (data_[next_] != 0xff || ends_stuffed())) {
        byte = data_[next_];
        next_ += byte == 0xff ? 2 : 1;
      } else {
        beyond_ = std::min(beyond_, 1 << 20) + 8;
      }
      buffer_ = buffer_ << 8 | byte;
      count_ += 8;
    }
  }
  bool ends_stuffed() const { return next_ + 1 < data_.size && data_[next_ + 1] == 0; }

  Bytes data_;
  size_t next_;
  uint64_t buffer_ = 0;
  int count_ = 0;
  int beyond_ = 0;  // of these, bits past the end
};

}  // namespace veneer::jpeg
