// Writing the levels of a tile; each target compiles its own.
//
// VENEER_TARGET names the namespace. Nothing here is a symbol that another source may define (common/inline.h).
// Source: docs/format.md, "Levels".
#pragma once
#include "base/jpeg/enc_level_kernels.h"
#include "base/jpeg/level_plane_inl.h"

namespace veneer::jpeg::VENEER_TARGET {
namespace {

struct LevelWriter {
  static constexpr bool kReads = false;
  RangeEncoder* coder;

  VENEER_INLINE int bit_at(uint32_t p1, int value) {
    coder->bit_without_branch(value, p1);
    return value;
  }
  bool end_row() const { return true; }
};

void write_levels(bool mixes, RangeEncoder* coder, const LevelTile& tile) {
  LevelWriter io{coder};
  mixes ? TileCoder<LevelWriter, true>(tile, io).code() : TileCoder<LevelWriter, false>(tile, io).code();
}

constexpr LevelWriters kLevelWriters = {write_levels};

}  // namespace
}  // namespace veneer::jpeg::VENEER_TARGET
