// Decodes a modular tile: the samples of all its channels, alpha included.
// Source: docs/format.md, "Modular tiles".
#pragma once
#include "base/modular/planes.h"
#include "common/memory.h"
#include "common/span.h"

namespace veneer::modular {

constexpr int kMaxDepth = 16;

// The samples of a tile with their memory: 2 bytes a sample.
class TilePlanes {
 public:
  TilePlanes(int width, int height, int channels)
      : samples_(static_cast<size_t>(width) * height * channels), width_(width), height_(height), channels_(channels) {}

  int width() const { return width_; }
  int height() const { return height_; }
  int channels() const { return channels_; }
  uint16_t* plane(int c) { return samples_.data() + static_cast<size_t>(width_) * height_ * c; }
  const uint16_t* plane(int c) const { return samples_.data() + static_cast<size_t>(width_) * height_ * c; }
  const uint16_t* row(int c, int y) const { return plane(c) + static_cast<size_t>(width_) * y; }

 private:
  Vector<uint16_t> samples_;
  int width_, height_, channels_;
};

// Reads the payload of a tile of `tile`'s size and channels (grey, grey and alpha, RGB, RGB and alpha), of samples of
// 0..2^depth - 1, depth 1..16. False where the data are no payload; the samples then have any values of that range.
bool decode_tile(Bytes data, int depth, TilePlanes* tile);

}  // namespace veneer::modular
