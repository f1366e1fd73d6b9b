// Tables of the specification for levels: the numbers that levels are predicted with, and what models and weights begin
// as.
// Source: docs/format.md, "Levels".
#pragma once
#include <cstdint>

#include "base/jpeg/level_models.h"

namespace veneer::jpeg {

// kTaps numbers for position z of a class of components, 4096 is 1.0.
const int16_t* level_weights(int cls, int z);
const int16_t* magnitude_weights(int cls, int z);

// Of kWarmModels models: the probability of 1 in 1/2048 and, in the lowest five bits, the count.
const uint16_t* warm_models();
// kGroups sets of weights, in 1/256.
const int16_t* warm_weights();

}  // namespace veneer::jpeg
