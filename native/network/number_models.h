// How the numbers of arrays are coded: adaptive models of the length of a number and of the digit below its first one.
//
// Weights are close to normally distributed noise: contexts of neighbours gain less than 0.5 % beside this.
// Source: docs/format.md, "Arrays".
#pragma once
#include <algorithm>
#include <cstdint>

#include "entropy/adaptive.h"

namespace veneer {

enum class ArrayRole { kWeight, kBias, kMultiplier, kShift, kTable };

constexpr int kArrayRoles = 5;
constexpr int kLengthBits = 6;    // decisions that give the number of binary digits
constexpr int kMostLength = 31;   // of a magnitude
constexpr int kUniformBits = 16;  // digits that are read at once

// Numbers of these arrays are coded as differences from the one before.
constexpr bool is_coded_by_differences(ArrayRole role) {
  return role == ArrayRole::kShift || role == ArrayRole::kTable;
}

struct NumberModels {
  NumberModels() {
    std::fill_n(length, 1 << kLengthBits, kFreshModel);
    std::fill_n(second, kMostLength + 1, kFreshModel);
  }
  BitModel length[1 << kLengthBits];  // a tree
  BitModel second[kMostLength + 1];   // by the length
};

}  // namespace veneer
