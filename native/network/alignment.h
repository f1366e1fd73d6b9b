// The least common multiple of the reductions of a network, to which pictures are extended.
#pragma once
#include "network/model.h"

namespace veneer {

// The alignment of tensors with reductions of 1..kMaxReduction, or a number above kMaxReduction where it is larger.
int alignment_of(const Vector<Shape>& shapes);

// The same in decimal digits, however large.
class AlignmentDigits {
 public:
  explicit AlignmentDigits(const Vector<Shape>& shapes);
  const char* text() const { return text_; }

 private:
  static constexpr int kMostDigits = 128;  // the multiple of all numbers up to 256 has 110

  void multiply(int factor);

  uint8_t digits_[kMostDigits] = {1};  // the last digit of the number first
  int count_ = 1;
  char text_[kMostDigits + 1];
};

}  // namespace veneer
