// The loops that write the levels of a tile: a function for each SIMD target, with all that it calls.
//
// Every target gives the same bytes.
// Source: docs/format.md, "Levels".
#pragma once
#include "base/jpeg/level_tile.h"
#include "entropy/enc_range_coder.h"

namespace veneer::jpeg {

struct LevelWriters {
  // Writes the levels of a tile in the full form (`mixes`) or in the fast one.
  void (*write)(bool mixes, RangeEncoder* coder, const LevelTile& tile);
};

// Null where the build has no AVX2.
const LevelWriters* avx2_level_writers();
// Those of the target of kernels(), base/dct.h.
const LevelWriters& level_writers();

}  // namespace veneer::jpeg
