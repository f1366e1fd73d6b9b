// Tiles of a picture that comes in pieces: each by itself.
// Source: docs/format.md, "Tiles".
#pragma once
#include "picture/reconstruction.h"

namespace veneer {

// The region of the picture that a tile covers.
Rect tile_region(const Head& head, int index);

// Decodes a tile to `out`, which has the size of its region; false, and nothing is written, if the payload is
// invalid. Tiles are independent, so each can be shown alone. A base picture of half size is interpolated within the
// tile; the final picture is interpolated across tiles.
bool show_tile(const CodedPicture& coded, int index, const View<uint8_t>& out);

}  // namespace veneer
