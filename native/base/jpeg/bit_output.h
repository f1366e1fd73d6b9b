// Where the codes of a scan go: to bytes, or to counts of their symbols.
// Source: ITU-T T.81, F.1.2.3 and B.1.1.5.
#pragma once
#include <cstddef>
#include <cstdint>

#include "base/jpeg/headers.h"
#include "common/memory.h"
#include "common/runner.h"

namespace veneer::jpeg {

// Takes the next bytes of a file. false: no more are wanted, and rebuild() ends.
using Sink = FunctionRef<bool(Bytes)>;

// Collects bytes of a file and hands them on.
class FileOutput {
 public:
  FileOutput(Sink sink, uint64_t limit) : sink_(sink), left_(limit), buffer_(kBuffer) {}

  void byte(uint8_t value) {
    if (used_ == kBuffer) flush();
    buffer_[used_++] = value;
  }
  void bytes(Bytes values) {
    for (size_t at = 0; at < values.size && good_;) {
      if (used_ == kBuffer) flush();
      const size_t count = kBuffer - used_ < values.size - at ? kBuffer - used_ : values.size - at;
      for (size_t i = 0; i < count; ++i) buffer_[used_ + i] = values[at + i];
      used_ += count;
      at += count;
    }
  }
  // False when the sink has refused, or the file would be longer than the limit.
  bool good() const { return good_; }
  bool finish() {
    flush();
    return good_ && left_ == 0;
  }

 private:
  static constexpr size_t kBuffer = size_t{1} << 16;

  void flush() {
    good_ = good_ && used_ <= left_ && (used_ == 0 || sink_({buffer_.data(), used_}));
    if (good_) left_ -= used_;
    used_ = 0;
  }

  Sink sink_;
  uint64_t left_;
  Vector<uint8_t> buffer_;
  size_t used_ = 0;
  bool good_ = true;
};

// Bits that fill the last bytes of intervals.
struct Padding {
  const Vector<uint8_t>* bits;
  uint8_t rest;
  size_t next = 0;
  uint32_t take() { return next < bits->size() ? (*bits)[next++] : rest; }
};

// Writes bits, most significant first, with a zero byte after each 0xff.
class BitOutput {
 public:
  BitOutput(const Headers& headers, FileOutput* file, Padding* padding)
      : headers_(headers), file_(file), padding_(padding) {}

  void symbol(int ac, int id, int symbol) {
    const HuffmanTable& table = headers_.table(ac, id);
    const int length = table.length[symbol];
    good_ = good_ && length > 0;
    bits(table.code[symbol], length);
  }
  // The lower `count` bits of `value`: 0..16.
  void bits(uint32_t value, int count) {
    waiting_ = waiting_ << count | (value & ((1u << count) - 1));
    count_ += count;
    while (count_ >= 8) {
      count_ -= 8;
      const auto byte = static_cast<uint8_t>(waiting_ >> count_);
      file_->byte(byte);
      if (byte == 0xff) file_->byte(0);
    }
  }
  void pad() {
    while (count_ != 0) bits(padding_->take(), 1);
  }
  // Forgets the bits of a byte that is not full.
  void drop() { count_ = 0; }
  void text(Bytes bytes) { file_->bytes(bytes); }
  void marker(uint8_t marker) {
    file_->byte(0xff);
    file_->byte(marker);
  }
  bool good() const { return good_ && file_->good(); }

 private:
  const Headers& headers_;
  FileOutput* file_;
  Padding* padding_;
  uint64_t waiting_ = 0;
  int count_ = 0;
  bool good_ = true;
};

// Counts symbols.
class CountingOutput {
 public:
  void symbol(int ac, int id, int symbol) { ++counts[ac][id].of[symbol]; }
  void bits(uint32_t, int) {}
  void pad() {}
  void drop() {}
  void text(Bytes) {}
  void marker(uint8_t) {}
  bool good() const { return true; }

  SymbolCounts counts[2][4];
};

}  // namespace veneer::jpeg
