// The arrays of a weight file: those that its network needs, in the order in which it needs them, as one stream.
// Source: docs/format.md, "Arrays".
#pragma once
#include "network/description.h"
#include "network/weight_reader.h"

namespace veneer {

// Reads the arrays of a network, the rest of the body, into its operations. The structure has been checked. Throws
// Failure kWeightsInvalid where they are no code, or kWeightsTooLarge.
void read_arrays(WeightReader* reader, NetworkDescription* network);

}  // namespace veneer
