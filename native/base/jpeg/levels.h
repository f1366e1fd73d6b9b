// The levels of a tile of a JPEG file, from their bytes.
//
// Place: the decoder's side; enc_levels.h writes them.
// Source: docs/format.md, "Levels".
#pragma once
#include "base/jpeg/image.h"
#include "common/rect.h"
#include "common/span.h"

namespace veneer::jpeg {

// What both sides ask of a tile, a rectangle of MCUs: that it lies in the picture, quantization tables without a 0, and
// memory for the levels of all components (allocate_levels).
bool is_level_tile(const Image& image, const Rect& mcus);

// Fills in the levels of the MCUs. False if the bytes are not those of an encoder, or is_level_tile() is; the levels of
// the tile may then be anything. Time and memory depend on the geometry alone. Tiles may be decoded at the same time.
bool decode_levels(Bytes data, const Rect& mcus, Image* image);

}  // namespace veneer::jpeg
