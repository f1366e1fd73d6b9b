// Encoder: which map a plane gets.
#pragma once
#include "base/modular/value_map.h"

namespace veneer::modular {

// The map with the fewest numbers for these samples: a grid, or a table where a grid would have more; `kAll` where
// nearly all values occur.
ValueMap choose_map(const uint16_t* samples, size_t count, int depth);

// Values to their numbers.
void apply_map(const ValueMap& map, int depth, uint16_t* samples, size_t count);

}  // namespace veneer::modular
