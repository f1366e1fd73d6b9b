// The planes of a tile one after the other: what lies around each block.
//
// Source: docs/format.md, "Levels".
#pragma once
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstring>

#include "base/jpeg/image.h"
#include "base/jpeg/level_coder.h"
#include "common/memory.h"
#include "common/rect.h"

namespace veneer::jpeg {

// What chroma needs of the planes before it: for each block of the tile.
struct PlaneTrace {
  Vector<uint8_t> inner;
  Vector<int8_t> dc_error;
};

// ImageOf is Image when reading, const Image when writing.
template <class ImageOf, class Io, bool kMixes>
class TileCoder {
 public:
  TileCoder(ImageOf& image, const Rect& mcus, Io& io, LevelModels& models)
      : image_(image), mcus_(mcus), io_(io), coder_(io, models, level_kernels()) {}

  // False if the data are not those of an encoder.
  bool code() {
    for (int k = 0; k < image_.count; ++k) {
      if (!code_plane(k)) return false;
    }
    return true;
  }

 private:
  // The blocks of a component in the tile.
  Rect blocks_of(int k) const {
    const int h = image_.count > 1 ? image_.component[k].h : 1, v = image_.count > 1 ? image_.component[k].v : 1;
    return {mcus_.x * h, mcus_.y * v, mcus_.width * h, mcus_.height * v};
  }

  bool code_plane(int k) {
    const Rect blocks = blocks_of(k);
    const auto width = static_cast<size_t>(blocks.width);
    std::memset(scene_.luma, 0, sizeof scene_.luma);
    std::memset(scene_.cb, 0, sizeof scene_.cb);
    for (int z = 0; z < 64; ++z) {
      const int ratio_h = std::max(1, image_.component[0].h / image_.component[k].h),
                ratio_v = std::max(1, image_.component[0].v / image_.component[k].v);
      luma_places_[z] = static_cast<uint8_t>(z / 8 / ratio_v * 8 + z % 8 / ratio_h);
    }
    for (auto& row : lines_) row.assign(width, KeptBlock());
    PlaneTrace& trace = traces_[k & 1];
    if (k < 2) {
      trace.inner.assign(width * static_cast<size_t>(blocks.height), 0);
      trace.dc_error.assign(width * static_cast<size_t>(blocks.height), 0);
    }
    scene_.luma_inner = scene_.cb_inner = scene_.cb_dc_error = 0;  // a fourth component sees no other
    for (int y = 0; y < blocks.height; ++y) {
      std::rotate(lines_, lines_ + 2, lines_ + 3);
      for (int x = 0; x < blocks.width; ++x) {
        if (!code_block(k, blocks, x, y)) return false;
        if (k < 2) {
          const KeptBlock& block = lines_[0][static_cast<size_t>(x)];
          const size_t i = static_cast<size_t>(y) * width + static_cast<size_t>(x);
          trace.inner[i] = block.inner;
          trace.dc_error[i] = static_cast<int8_t>(std::clamp<int>(block.dc_error, -7, 7));
        }
      }
      if (!io_.end_row()) return false;
    }
    return true;
  }

  // x and y count from the corner of the tile.
  bool code_block(int k, const Rect& blocks, int x, int y) {
    auto& component = image_.component[k];
    BlockScene& s = scene_;
    s.cls = k % 3;
    s.steps = image_.quantization[component.table];
    const auto kept = [&](int up, int column) -> const KeptBlock* {
      return up > y || column < 0 || column >= blocks.width ? &none_ : &lines_[up][static_cast<size_t>(column)];
    };
    const auto levels = [&](int up, int column) -> const int16_t* {
      return up > y || column < 0 || column >= blocks.width ? kNoLevels
                                                            : component.block(blocks.y + y - up, blocks.x + column);
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
    s.own = &lines_[0][static_cast<size_t>(x)];
    *s.own = KeptBlock();
    std::memset(s.level, 0, sizeof s.level);
    s.columns_used = s.rows_used = 0;
    if (!Io::kReads) s.given = component.block(blocks.y + y, blocks.x + x);
    if (s.cls > 0) see_other_planes(k, blocks, x, y);
    if (!coder_.code_block(s)) return false;
    s.keep();
    if constexpr (Io::kReads) std::memcpy(component.block(blocks.y + y, blocks.x + x), s.level, sizeof s.level);
    return true;
  }

  static int coefficient(int level, int step) { return std::clamp(level * step, -kMostCoefficient, kMostCoefficient); }

  // Magnitudes of luma in the mean of the blocks at the same place, at the same frequencies of the picture, and Cb.
  void see_other_planes(int k, const Rect& blocks, int x, int y) {
    BlockScene& s = scene_;
    const auto &own = image_.component[k], &luma = image_.component[0];
    const uint16_t* const steps = image_.quantization[luma.table];
    const Rect luma_blocks = blocks_of(0);
    const int ratio_h = std::max(1, luma.h / own.h), ratio_v = std::max(1, luma.v / own.v);
    const int left = x * luma.h / own.h, top = y * luma.v / own.v;
    int32_t sums[64] = {}, inner = 0;
    for (int row = top; row < top + ratio_v; ++row) {
      for (int column = left; column < left + ratio_h; ++column) {
        const int16_t* const levels = luma.block(luma_blocks.y + row, luma_blocks.x + column);
        int32_t sizes[64];
        for (int z = 0; z < 64; ++z) sizes[z] = std::abs(coefficient(levels[z], steps[z]));
        for (int z = 0; z < 64; ++z) sums[z] += sizes[luma_places_[z]];
        inner += traces_[0].inner[place(row, column, luma_blocks)];
      }
    }
    const int blocks_seen = ratio_h * ratio_v;
    if (blocks_seen == 4) {  // the most frequent ones without division
      for (int z = 0; z < 64; ++z) s.luma[z] = static_cast<int16_t>(sums[z] >> 2);
    } else if (blocks_seen == 1) {
      for (int z = 0; z < 64; ++z) s.luma[z] = static_cast<int16_t>(sums[z]);
    } else {
      for (int z = 0; z < 64; ++z) s.luma[z] = static_cast<int16_t>(sums[z] / blocks_seen);
    }
    s.luma_inner = inner / blocks_seen;
    const auto& cb = image_.component[1];
    s.cb_inner = s.cb_dc_error = 0;
    std::memset(s.cb, 0, sizeof s.cb);
    if (k != 2 || cb.h != own.h || cb.v != own.v) return;
    const int16_t* const levels = cb.block(blocks.y + y, blocks.x + x);
    const uint16_t* const cb_steps = image_.quantization[cb.table];
    for (int z = 0; z < 64; ++z) s.cb[z] = static_cast<int16_t>(coefficient(levels[z], cb_steps[z]));
    s.cb_inner = traces_[1].inner[place(y, x, blocks)];
    s.cb_dc_error = traces_[1].dc_error[place(y, x, blocks)];
  }

  static size_t place(int row, int column, const Rect& blocks) {
    return static_cast<size_t>(row) * static_cast<size_t>(blocks.width) + static_cast<size_t>(column);
  }

  ImageOf& image_;
  Rect mcus_;
  Io& io_;
  LevelCoder<Io, kMixes> coder_;
  Vector<KeptBlock> lines_[3];  // the row, and the two above
  PlaneTrace traces_[2];
  uint8_t luma_places_[64] = {};  // where luma has the frequencies of the component
  BlockScene scene_;
  KeptBlock none_;
  static constexpr int16_t kNoLevels[64] = {};
};

}  // namespace veneer::jpeg
