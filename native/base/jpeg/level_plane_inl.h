// The planes of a tile one after the other: what lies around each block.
//
// VENEER_TARGET names the namespace. Nothing here is a symbol that another source may define (common/inline.h).
// Source: docs/format.md, "Levels".
#pragma once
#include <cstddef>
#include <cstdint>
#include <cstring>

#include "base/jpeg/level_coder_inl.h"

namespace veneer::jpeg::VENEER_TARGET {
namespace {

template <class Io, bool kMixes>
class TileCoder {
 public:
  TileCoder(const LevelTile& tile, Io& io) : tile_(tile), io_(io), coder_(io, tile.state) {
    for (int i = 0; i < 3; ++i) lines_[i] = tile.lines[i];
  }

  // False if the data are not those of an encoder.
  bool code() {
    for (int k = 0; k < tile_.count; ++k) {
      if (!code_plane(k)) return false;
    }
    return true;
  }

 private:
  bool code_plane(int k) {
    const LevelPlane& plane = tile_.plane[k];
    BlockScene& s = scene_;
    std::memset(&s, 0, sizeof s);  // a fourth component sees no other
    s.cls = k % 3;
    s.steps.set(plane.steps);
    s.level_weights_of = level_weights(s.cls, 0);
    s.magnitude_weights_of = magnitude_weights(s.cls, 0);
    const int ratio_h = most(1, tile_.plane[0].h / plane.h), ratio_v = most(1, tile_.plane[0].v / plane.v);
    for (int z = 0; z < kBlockSize; ++z) {
      luma_places_[z] = static_cast<uint8_t>(z / 8 / ratio_v * 8 + z % 8 / ratio_h);
    }
    for (auto& line : lines_) std::memset(line, 0, static_cast<size_t>(plane.width) * sizeof *line);
    for (int y = 0; y < plane.height; ++y) {
      KeptBlock* const oldest = lines_[2];
      lines_[2] = lines_[1];
      lines_[1] = lines_[0];
      lines_[0] = oldest;
      for (int x = 0; x < plane.width; ++x) {
        if (!code_block(k, x, y)) return false;
        if (k > 1) continue;
        const KeptBlock& block = lines_[0][x];
        tile_.inner[k][place(y, x, plane)] = block.inner;
        tile_.dc_error[k][place(y, x, plane)] = static_cast<int8_t>(bounded(block.dc_error, -7, 7));
      }
      if (!io_.end_row()) return false;
    }
    return true;
  }

  static const int16_t* levels_at(const LevelPlane& plane, int y, int x) {
    return plane.levels + y * plane.stride + ptrdiff_t{x} * kBlockSize;
  }

  // x and y count from the corner of the tile.
  bool code_block(int k, int x, int y) {
    const LevelPlane& plane = tile_.plane[k];
    BlockScene& s = scene_;
    const auto is_there = [&](int up, int column) { return up <= y && column >= 0 && column < plane.width; };
    const auto kept = [&](int up, int column) { return is_there(up, column) ? &lines_[up][column] : &kNoBlock; };
    const auto levels = [&](int up, int column) {
      return is_there(up, column) ? levels_at(plane, y - up, column) : kNoBlock.rows;
    };
    s.left = kept(0, x - 1);
    s.above = kept(1, x);
    s.above_left = kept(1, x - 1);
    s.above_right = kept(1, x + 1);
    s.left2 = kept(0, x - 2);
    s.above2 = kept(2, x);
    s.left_levels = levels(0, x - 1);
    s.above_levels = levels(1, x);
    s.above_left_levels = levels(1, x - 1);
    s.above_right_levels = levels(1, x + 1);
    s.left2_levels = levels(0, x - 2);
    s.above2_levels = levels(2, x);
    s.own = &lines_[0][x];
    std::memset(s.own, 0, sizeof *s.own);
    std::memset(s.level, 0, sizeof s.level);
    s.columns_used = s.rows_used = 0;
    if constexpr (!Io::kReads) s.given = levels_at(plane, y, x);
    if (s.cls > 0) see_other_planes(k, x, y);
    if (!coder_.code_block(s)) return false;
    s.keep();
    if constexpr (Io::kReads) {
      std::memcpy(plane.decoded + y * plane.stride + ptrdiff_t{x} * kBlockSize, s.level, sizeof(int16_t) * kBlockSize);
    }
    return true;
  }

  static VENEER_INLINE int coefficient(int level, int step) {
    return bounded(level * step, -kMostCoefficient, kMostCoefficient);
  }

  // Magnitudes of luma in the mean of the blocks at the same place, at the same frequencies of the picture, and Cb.
  void see_other_planes(int k, int x, int y) {
    BlockScene& s = scene_;
    const LevelPlane &own = tile_.plane[k], &luma = tile_.plane[0];
    const int ratio_h = most(1, luma.h / own.h), ratio_v = most(1, luma.v / own.v);
    const int left = x * luma.h / own.h, top = y * luma.v / own.v;
    alignas(32) int32_t sums[kBlockSize] = {};
    int inner = 0;
    for (int row = top; row < top + ratio_v; ++row) {
      for (int column = left; column < left + ratio_h; ++column) {
        const int16_t* const levels = levels_at(luma, row, column);
        for (int z = 0; z < kBlockSize; ++z) sums[z] += size_of(coefficient(levels[z], luma.steps[z]));
        inner += tile_.inner[0][place(row, column, luma)];
      }
    }
    const int blocks = ratio_h * ratio_v;
    s.luma_inner = inner / blocks;
    if ((blocks & (blocks - 1)) == 0) {  // the most frequent ones without division
      const int shift = highest_bit(static_cast<uint32_t>(blocks));
      for (int z = 0; z < kBlockSize; ++z) sums[z] >>= shift;
    } else {
      for (int z = 0; z < kBlockSize; ++z) sums[z] /= blocks;
    }
    for (int z = 0; z < kBlockSize; ++z) s.luma[z] = static_cast<int16_t>(sums[luma_places_[z]]);
    const LevelPlane& cb = tile_.plane[1];
    if (k != 2 || cb.h != own.h || cb.v != own.v) return;
    const int16_t* const levels = levels_at(cb, y, x);
    for (int z = 0; z < kBlockSize; ++z) s.cb[z] = static_cast<int16_t>(coefficient(levels[z], cb.steps[z]));
    s.cb_inner = tile_.inner[1][place(y, x, cb)];
    s.cb_dc_error = tile_.dc_error[1][place(y, x, cb)];
  }

  static VENEER_INLINE size_t place(int row, int column, const LevelPlane& plane) {
    return static_cast<size_t>(row) * static_cast<size_t>(plane.width) + static_cast<size_t>(column);
  }

  const LevelTile& tile_;
  Io& io_;
  LevelCoder<Io, kMixes> coder_;
  KeptBlock* lines_[3];                   // the row, and the two above
  uint8_t luma_places_[kBlockSize] = {};  // where luma has the frequencies of the component
  BlockScene scene_;
  static constexpr KeptBlock kNoBlock = {};
};

}  // namespace
}  // namespace veneer::jpeg::VENEER_TARGET
