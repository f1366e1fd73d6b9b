// The payloads of a base layer, from Python.
#pragma once
#include <pybind11/pybind11.h>
#include <pybind11/stl.h>

#include <algorithm>
#include <optional>
#include <string>
#include <tuple>
#include <vector>

#include "bindings/byte_strings.h"
#include "common/limits.h"
#include "picture/base_layer.h"

namespace veneer {

using Payloads = std::vector<std::optional<std::string>>;
using Region = std::tuple<int, int, int, int>;  // x, y, width, height

inline BaseParams checked_params(const std::string& bytes) {
  BaseParams params;
  if (bytes.size() != kBaseParamsSize || !parse_base_params(reinterpret_cast<const uint8_t*>(bytes.data()), &params)) {
    throw pybind11::value_error("params: out of range");
  }
  return params;
}

inline Rect checked_region(const Region& region, int width, int height) {
  const auto [x, y, w, h] = region;
  if (x < 0 || y < 0 || w < 1 || h < 1 || w > width - x || h > height - y) {
    throw pybind11::value_error("region: outside");
  }
  return {x, y, w, h};
}

// One tile may be of any size, as previews are.
inline TileGrid checked_grid(int width, int height, int tile_log2) {
  if (width < 1 || height < 1 || width > kMaxSide || height > kMaxSide) throw pybind11::value_error("size: 1..65535");
  if (tile_log2 < kMinTileLog2 || tile_log2 > kMaxTileLog2) throw pybind11::value_error("tile_log2: 6..16");
  return 1 << tile_log2 >= std::max(width, height) ? TileGrid::of_one(width, height)
                                                   : TileGrid(width, height, tile_log2);
}

// Looks at payloads that the caller keeps.
class CodedTiles {
 public:
  CodedTiles(const Payloads& colour, const Payloads& alpha, int width, int height, int channels, int tile_log2,
             const std::string& params, int cut_tile, bool has_alpha = false, int depth = 8)
      : colour_(tiles_of(colour)), alpha_(tiles_of(alpha)) {
    base_.grid = checked_grid(width, height, tile_log2);
    if (channels < 1 || channels > 4) throw pybind11::value_error("channels: 1..4");
    const size_t count = static_cast<size_t>(base_.grid.count());
    if (colour.size() != count) throw pybind11::value_error("colour_tiles: wrong count");
    if (alpha.size() != (has_alpha && channels % 2 == 0 ? count : 0)) {
      throw pybind11::value_error("alpha_tiles: wrong count");
    }
    base_.channels = channels;
    base_.params = checked_params(params);
    base_.params.depth = static_cast<uint8_t>(depth);
    base_.cut_tile = cut_tile;
  }

  CodedBase base() const {
    CodedBase base = base_;
    base.colour = {colour_.data(), colour_.size()};
    base.alpha = {alpha_.data(), alpha_.size()};
    return base;
  }

 private:
  static std::vector<CodedTile> tiles_of(const Payloads& payloads) {
    std::vector<CodedTile> tiles;
    for (const auto& payload : payloads) {
      tiles.push_back(payload ? CodedTile{bytes_of(*payload), true} : CodedTile{});
    }
    return tiles;
  }

  CodedBase base_{};
  std::vector<CodedTile> colour_, alpha_;
};

}  // namespace veneer
