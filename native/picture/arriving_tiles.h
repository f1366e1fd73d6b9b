// Tiles of a picture that comes in pieces: each by itself.
// Source: docs/format.md, "Tiles".
#pragma once
#include "picture/reconstruction.h"

namespace veneer {

// The region of the picture that a tile covers.
Rect tile_region(const Head& head, int index);

// Decodes a tile to `out`, which has the size of its region; false, and nothing is written, where the payload is no
// code. Tiles know nothing of each other, so one alone is a picture. Where the base picture has half the size, it is
// brought up by itself: what comes in the end is made of all tiles.
bool show_tile(const CodedPicture& coded, int index, const View<uint8_t>& out);

}  // namespace veneer
