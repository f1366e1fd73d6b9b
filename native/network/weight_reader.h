// Takes the fields of the body of a weight file or a model file one by one.
// Source: docs/format.md, "Layout of weight files and model files".
#pragma once
#include "common/failure.h"
#include "common/span.h"

namespace veneer {

// Every error is a Failure kWeightsInvalid at the offset after the last field.
class WeightReader {
 public:
  // The body is bytes `start` .. `end` - 1 of the file.
  WeightReader(Bytes file, size_t start, size_t end) : file_(file), position_(start), end_(end) {}

  int64_t position() const { return static_cast<int64_t>(position_); }
  size_t left() const { return end_ - position_; }

  // Throws unless `condition`; the rest is as of printf.
  void require(bool condition, const char* format, ...) const VENEER_FORMAT(3, 4);

  // Throws unless the body has that many more bytes. Fields that belong together are asked for together, and then read.
  void need(size_t size) const { require(size <= left(), "the body ends within a field"); }
  Bytes take(size_t size);
  int u8() { return take(1)[0]; }
  int i8() { return static_cast<int8_t>(u8()); }
  int u16();
  int i16() { return static_cast<int16_t>(u16()); }
  uint32_t u32();
  // A byte with their number, and characters.
  Bytes text() { return take(static_cast<size_t>(u8())); }
  // A name, written to 64 characters with a terminating zero.
  void name(char* name);

 private:
  Bytes file_;
  size_t position_, end_;
};

}  // namespace veneer
