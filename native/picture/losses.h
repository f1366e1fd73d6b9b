// Problems from the statuses of tiles, and decisions that depend on how much is lost.
// Source: docs/format.md, "Damaged and cut files" and "Filling in".
#pragma once
#include "common/failure.h"
#include "common/memory.h"
#include "common/span.h"
#include "container/contents.h"

namespace veneer {

// Whether no superblock of a picture is known though all were asked for. `status` has one for each tile (base_layer.h).
bool is_nothing_left(Span<const int> status);

// Whether some of the tiles that were needed are lost, but not so much that the rest, `size_bytes` of their colour, is
// too little to fill them in from.
bool is_worth_texture(Span<const int> status, const TileGrid& grid, int64_t size_bytes);

// Tiles that are cut, and invalid payloads whose checksum is right. The last problem is kNoTile if no superblock of the
// picture is left.
Vector<Problem> describe_losses(Span<const int> status, const TileGrid& grid);

// The first numbers of a list for a message, as "3, 7, 12": at most eight.
struct ShownNumbers {
  char text[80];
};
ShownNumbers shown_numbers(Span<const int> numbers);

}  // namespace veneer
