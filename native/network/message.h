// Messages that are put together piece by piece.
#pragma once
#include <cstddef>

#include "common/failure.h"
#include "common/span.h"

namespace veneer {

// Text of bounded length, longer than what a Problem takes: what does not fit is left out.
class MessageText {
 public:
  // As of printf.
  void add(const char* format, ...) VENEER_FORMAT(2, 3);
  // Bytes of ASCII in quotation marks, as Python shows a string; other bytes become U+FFFD.
  void add_quoted(Bytes text);
  const char* text() const { return text_; }

 private:
  char text_[2 * sizeof(Problem::message)] = "";
  size_t size_ = 0;
};

}  // namespace veneer
