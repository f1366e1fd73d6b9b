// The arrays of a weight file: those that its networks need, in the order in which they need them.
// Source: docs/format.md, "Layout of a weight file".
#pragma once
#include "network/description.h"
#include "network/weight_reader.h"

namespace veneer {

// How many arrays a network needs.
int array_count(const NetworkDescription& network);

// Reads the arrays of a network into its operations. The structure has been checked. Throws Failure kWeightsInvalid
// where one of them is not as expected.
void read_arrays(WeightReader* reader, NetworkDescription* network);

}  // namespace veneer
