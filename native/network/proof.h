// The values that tensors can have, and the proof that no accumulator leaves 32 bits.
// Source: docs/format.md, "Proof against overflow".
#pragma once
#include "network/description.h"

namespace veneer {

struct ValueRange {
  int low, high;
};

// Bounds of the values of each tensor of a network with its arrays, as they follow from inputs, limits and
// tables.
Vector<ValueRange> ranges_of(const NetworkDescription& network);

// Throws Failure, without an offset: kWeightsInvalid for shifts and multipliers that are not allowed, kWeightsOverflow
// unless every accumulator and its rescaling stay within their widths.
void prove(const NetworkDescription& network, const Vector<ValueRange>& ranges);

}  // namespace veneer
