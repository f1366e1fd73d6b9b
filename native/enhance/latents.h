// Latents and filters of a tile, read from its payload.
// Source: docs/format.md, "Latents" and "Filters".
#pragma once
#include <cstdint>

#include "base/row_filter.h"
#include "common/image.h"
#include "common/runner.h"
#include "common/span.h"
#include "enhance/filters.h"

namespace veneer {

// The filters of a plane as they are coded: one for each class of its pixels. `count` is 0 where the plane has none.
struct CodedPlaneFilters {
  int count = 0;                                   // of classes, 0..8
  uint8_t thresholds[kMaxFilterClasses - 1] = {};  // codes 0..63 where classes begin, from the second on, rising
  int8_t coefficients[kMaxFilterClasses][kFilterTaps] = {};  // of each class, -127..127 in 1/128
};

// The filters of a tile.
struct TileFilters {
  int planes = 0;              // 1 for grey pictures, else 3
  CodedPlaneFilters plane[3];  // of Y, or of Y, Co and Cg
  int clip = 0;                // code 0..63 of the largest difference that some coefficients see whole
  bool any() const;            // whether there is anything to filter
};

// What a code of a threshold or of `clip` stands for: four steps for each doubling.
inline int filter_threshold(int code) { return (4 + (code & 3)) << (code >> 2); }

// Gives the distributions, 0..63, of a tile's latents: [rows, columns, C].
using LatentIndices = FunctionRef<Image<uint8_t>()>;

// Reads the latents of a tile without filters from the field Data, which is not empty, to `y`, a part of the picture's that
// has the size of `index`. Returns false, and leaves `y` all 0, if the data are not a valid stream.
bool read_latents(Bytes data, const View<const uint8_t>& index, const View<int16_t>& y);

// Reads filters, and latents if there are any, of a tile with filters.
//   planes: 1 for grey pictures, else 3.
//   indices: is asked once where latents follow; nullptr where `restore` takes none.
//   y: as of read_latents; as it was where there are no latents.
// Returns false, and leaves `y` as it was or all 0, if the data are not a valid stream.
bool read_filters(Bytes data, int planes, const LatentIndices* indices, const View<int16_t>& y, TileFilters* filters);

}  // namespace veneer
