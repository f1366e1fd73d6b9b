// The levels of a tile of a JPEG file, to bytes.
// Source: docs/format.md, "Levels".
#pragma once
#include <cstdint>

#include "base/jpeg/image.h"
#include "common/memory.h"
#include "common/rect.h"

namespace veneer::jpeg {

constexpr int kFastForm = 0, kFullForm = 1;  // the fast form takes a third of the time and about 4 % more bytes

// The tile, a rectangle of MCUs, obeys is_level_tile(). Tiles may be encoded at the same time.
Vector<uint8_t> encode_levels(const Image& image, const Rect& mcus, int form);

}  // namespace veneer::jpeg
