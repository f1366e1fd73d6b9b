// Statistics of a tile from which the encoder chooses its filters.
// Source: docs/format.md, "Filters".
#pragma once
#include <cstdint>

#include "enhance/filters.h"

namespace veneer {

constexpr int kActivityBins = 64;

// Adds the products of all pairs i <= j of the kFilterTaps features and the wanted change, as
// totals[plane][activity bin][i][j], of a box of at most kFilterRows rows. Other entries may change too.
void add_filter_products(const FilterInput& input, const uint8_t* original, const Rect& box, int clip, int64_t* totals);

}  // namespace veneer
