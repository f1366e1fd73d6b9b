// What the base decoder says of its tiles, as problems, and what follows from how much is lost.
// Source: docs/format.md, "Damaged and cut files" and "Filling in".
#pragma once
#include "common/failure.h"
#include "common/memory.h"
#include "common/span.h"
#include "container/contents.h"

namespace veneer {

// Whether not one superblock of a picture is known, and none was left out. `status` has one for each tile (base_layer.h).
bool is_nothing_left(Span<const int> status);

// Whether some of the tiles that were needed is lost, and not much more than what is left, `size_bytes` of their colour,
// can stand for.
bool is_worth_texture(Span<const int> status, const TileGrid& grid, int64_t size_bytes);

// Tiles that are cut, and payloads whose checksum agrees and that are no code. The last problem is kNoTile, where not
// one superblock of the picture is left.
Vector<Problem> describe_losses(Span<const int> status, const TileGrid& grid);

// The first numbers of a list for a message, as "3, 7, 12": at most eight.
struct ShownNumbers {
  char text[80];
};
ShownNumbers shown_numbers(Span<const int> numbers);

}  // namespace veneer
