// Runs the filters of tiles over the enhanced picture: after `restore`, before `texture`.
// Source: docs/format.md, "Filters".
#pragma once
#include <cstdint>

#include "common/image.h"
#include "common/runner.h"
#include "common/span.h"
#include "enhance/layer.h"

namespace veneer {

// Pixels around one that have an influence on it.
constexpr int kFiltersMargin = kFilterMargin;

// Filters some tiles of the enhanced picture in its place.
//   enhanced: the enhanced picture or a part of it, in 1/64 of a level. What is made of it is right for all pixels further
//     than kFiltersMargin from the edges of the part, or at edges of the picture.
//   base: the base at full size, of the same size and channels, in quarters of a level.
//   tiles: their places in the part, as far as they lie in it, and their filters; no two overlap.
void apply_filters(Image<int16_t>* enhanced, const View<const int16_t>& base, Span<const PlacedFilters> tiles,
                   Runner& runner);

}  // namespace veneer
