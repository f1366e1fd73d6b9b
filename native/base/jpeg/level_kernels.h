// The loops that read the levels of a tile: a function for each SIMD target, with all that it calls.
//
// Every target gives the same levels. enc_level_kernels.h has those that write.
// Source: docs/format.md, "Levels".
#pragma once
#include "base/jpeg/level_tile.h"
#include "entropy/range_coder.h"

namespace veneer::jpeg {

struct LevelKernels {
  // Reads the levels of a tile in the full form (`mixes`) or in the fast one. False if the data are not those of an
  // encoder; the levels may then be anything.
  bool (*read)(bool mixes, RangeDecoder* coder, const LevelTile& tile);
};

// Null where the build has no AVX2.
const LevelKernels* avx2_level_kernels();
// Those of the target of kernels(), base/dct.h.
const LevelKernels& level_kernels();

}  // namespace veneer::jpeg
