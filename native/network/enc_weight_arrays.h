// Codes the arrays of a weight file.
// Source: docs/format.md, "Arrays".
#pragma once
#include <cstdint>
#include <vector>

#include "network/number_models.h"

namespace veneer {

struct CodedArray {
  ArrayRole role;
  std::vector<int32_t> values;  // -2^31 + 1 .. 2^31 - 1, and so the differences of those that are coded by them
};

// The stream, without zero bytes at its end.
std::vector<uint8_t> code_arrays(const std::vector<CodedArray>& arrays);

}  // namespace veneer
