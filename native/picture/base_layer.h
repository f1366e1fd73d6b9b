// The base layer of a whole picture: payloads of tiles to pixels, tile by tile on several threads, with what is lost
// filled in.
//
// Place: between the decoder of a tile (base/) and reconstruction.
// Source: docs/format.md, "Base layer" and "Damaged and cut files".
#pragma once
#include <cstdint>

#include "base/tile.h"
#include "common/image.h"
#include "common/memory.h"
#include "common/rect.h"
#include "common/runner.h"
#include "common/span.h"
#include "picture/tile_grid.h"

namespace veneer {

struct CodedTile {
  Bytes data;
  bool present = false;  // false where the payload is missing or not needed
};

// The status of a tile. Missing and damaged parts, and those after a cut, are filled in.
// tests/oracle/base_layer.py has the same numbers.
namespace status {
enum : int {
  kOk,
  kMissing,
  kDamaged,
  kNotNeeded,
  kAlphaDamaged,  // the colour is intact
  kCut            // + number of superblocks that are known
};
}  // namespace status

constexpr int kAllSuperblocks = 1 << 30;  // more than any tile has

// How many superblocks of a tile, in raster order, hold what was encoded, at most; the others are lost.
inline int known_superblocks(int status) {
  if (status >= status::kCut) return status - status::kCut;
  return status == status::kMissing || status == status::kDamaged ? 0 : kAllSuperblocks;
}

// Whether some of a tile's colour is missing.
inline bool loses(int status) { return known_superblocks(status) != kAllSuperblocks; }

// Gives the preview of a picture, [(H + 7) / 8, (W + 7) / 8, channels], or nullptr if it cannot be had. Called
// at most once, by the thread that decodes, and only where something is lost.
using PreviewSource = FunctionRef<const Image<uint8_t>*()>;

struct CodedBase {
  TileGrid grid;
  int channels;  // 1..4
  BaseParams params;
  Span<const CodedTile> colour;  // of each tile of the grid
  Span<const CodedTile> alpha;   // the same of alpha; empty without alpha
  int cut_tile = -1;             // one whose colour is only the beginning of a payload
  const PreviewSource* preview = nullptr;
};

// Decodes a region of a picture.
//
// region: in pixels, within the picture. out: of the region's size, with base.channels samples of the picture's depth
// (sample_depth.h). status: of each tile of the grid, written. Where not one superblock of the whole picture is known, nothing is filled in.
void decode_base(const CodedBase& base, const Rect& region, Runner& runner, View<uint8_t> out, Span<int> status);

// The same, but fills nothing in.
void decode_tiles(const CodedBase& base, const Rect& region, Runner& runner, View<uint8_t> out, Span<int> status);

// A decoded base layer as enhancement reads it. A unit is a square of 4 x 4 pixels.
struct BaseDecoding {
  Image<int16_t> quarters;  // [H][W][1 or 3], quarters of a level, 0..1020
  Image<int16_t> exact;     // the same as planes have it, 0..top; empty where the picture has 8 bits
  Image<uint8_t> maps;   // [units][units][8], see TileMaps; missing tiles are as blocks of 64 x 64 without coefficients
  Image<uint8_t> steps;  // [units][units], step index of luma, local offset included
  Vector<int> status;    // of each tile
  Image<uint8_t> lost;   // [ceil(H / 64)][ceil(W / 64)]: 1 where a superblock had to be filled in
};

// Decodes the colour of a whole picture, before it is rounded to pixels; alpha is left out.
BaseDecoding decode_base_quarters(const CodedBase& base, Runner& runner);

// The same, but fills nothing in and leaves `lost` empty.
BaseDecoding decode_quarter_tiles(const CodedBase& base, Runner& runner);

}  // namespace veneer
