#include "network/alignment.h"

#include <algorithm>
#include <numeric>

#include "common/limits.h"

namespace veneer {
namespace {

bool is_prime(int number) {
  for (int divisor = 2; divisor * divisor <= number; ++divisor) {
    if (number % divisor == 0) return false;
  }
  return true;
}

// The largest power of a prime that divides a number.
int power_within(int number, int prime) {
  int power = 1;
  while (number % (power * prime) == 0) power *= prime;
  return power;
}

}  // namespace

int alignment_of(const Vector<Shape>& shapes) {
  int alignment = 1;
  for (const Shape& shape : shapes) {
    alignment = std::lcm(alignment, shape.reduction);
    if (alignment > kMaxReduction) break;
  }
  return alignment;
}

AlignmentDigits::AlignmentDigits(const Vector<Shape>& shapes) {
  for (int prime = 2; prime <= kMaxReduction; ++prime) {
    if (!is_prime(prime)) continue;
    int power = 1;
    for (const Shape& shape : shapes) power = std::max(power, power_within(shape.reduction, prime));
    multiply(power);
  }
  for (int i = 0; i < count_; ++i) text_[i] = static_cast<char>('0' + digits_[count_ - 1 - i]);
  text_[count_] = 0;
}

void AlignmentDigits::multiply(int factor) {
  int carry = 0;
  for (int i = 0; i < count_; ++i) {
    carry += digits_[i] * factor;
    digits_[i] = static_cast<uint8_t>(carry % 10);
    carry /= 10;
  }
  for (; carry != 0; carry /= 10) digits_[count_++] = static_cast<uint8_t>(carry % 10);
}

}  // namespace veneer
