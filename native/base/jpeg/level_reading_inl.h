// Reading the levels of a tile; each target compiles its own.
//
// VENEER_TARGET names the namespace. Nothing here is a symbol that another source may define (common/inline.h).
// Source: docs/format.md, "Levels".
#pragma once
#include "base/jpeg/level_kernels.h"
#include "base/jpeg/level_plane_inl.h"

namespace veneer::jpeg::VENEER_TARGET {
namespace {

struct LevelReader {
  static constexpr bool kReads = true;
  RangeDecoder coder;

  VENEER_INLINE int bit_at(uint32_t p1, int) { return coder.bit_without_branch(p1); }
  bool end_row() const { return coder.valid(); }
};

bool read_levels(bool mixes, RangeDecoder* coder, const LevelTile& tile) {
  LevelReader io{*coder};
  const bool good =
      mixes ? TileCoder<LevelReader, true>(tile, io).code() : TileCoder<LevelReader, false>(tile, io).code();
  *coder = io.coder;
  return good;
}

constexpr LevelKernels kLevelKernels = {read_levels};

}  // namespace
}  // namespace veneer::jpeg::VENEER_TARGET
