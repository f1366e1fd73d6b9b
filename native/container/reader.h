// A whole file, its beginning, or the tiles of a region: bytes to contents.
// Source: docs/format.md, "Order of chunks", "tOCS" and "Damaged and cut files".
#pragma once
#include <cstddef>
#include <cstdint>
#include <utility>

#include "common/limits.h"
#include "common/runner.h"
#include "common/span.h"
#include "container/contents.h"

namespace veneer {

// The region of the base picture that is needed, from the head and the model that enhances (nullptr: none). May be
// called more than once.
using Needed = FunctionRef<Rect(const Head& head, const ModelSlot* model)>;

// Reads a file. All extents of the result lie within `file`.
//
// strict: anything wrong is thrown; otherwise damage and cuts are noted in `problems`.
// max_pixels: larger pictures are refused.
// needed: says which tiles are wanted; nullptr for all.
// enhancement: whether that of a region is wanted, so that it is searched for after all tiles.
//
// Throws Failure: what `read_head` and `needed` throw, kBadRegion, all that breaks a rule of the format, kNoTile if
// no tile is left, and under `strict` every other problem.
Contents read_contents(Bytes file, bool strict, int64_t max_pixels, const Needed* needed, bool enhancement);

// Reads head, metadata and preview only; neither checks nor needs what follows them.
// Throws Failure: what `read_head` throws, and what breaks a rule of the format before the first tile.
Contents read_front(Bytes file, int64_t max_pixels);

// Reads signature and HEAD. Returns the head, and the offset of the next chunk.
// Throws Failure of kNoSignature, kHeadCut, kChecksum, kChunkOrder, kFieldValue, kChunkSize, kVersion, kFeature,
// kPictureTooLarge, kTooManyTiles or kTileTooLarge.
std::pair<Head, size_t> read_head(Bytes file, int64_t max_pixels);

// Throws Failure of kNoSignature or kHeadCut unless the file begins as it must.
void check_signature(Bytes file);

}  // namespace veneer
