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

#if defined(VENEER_TABLES_APART)
// Gives the tables to a build without them: all numbers of docs/tables/jpeg_levels.bin.
void set_level_tables(const uint16_t* numbers);
#endif

}  // namespace veneer::jpeg
