// What stands around the body of weight files and of model files: signature, version, size and checksum.
// Source: docs/format.md, "Layout of weight files and model files".
#pragma once
#include "network/weight_reader.h"

namespace veneer {

enum class FrameKind { kWeights, kModel };

// Checks everything but the body, and gives a reader of the body. Throws Failure kNoWeights, kWeightsVersion,
// kWeightsTooLarge, kWeightsCut, kWeightsChecksum or kWeightsInvalid.
WeightReader checked_body(Bytes data, FrameKind kind);

}  // namespace veneer
