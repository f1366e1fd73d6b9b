// Fuzz target: the decoder of base layer tiles.
//
// Input: width and height of the tile, channels and bits of a sample, the six bytes of base parameters, where to cut, a payload. The scalar
// kernels and the best ones have to give the same samples, and a cut payload the same superblocks as the whole one without
// filters.
#include <algorithm>

#include "base/colour.h"
#include "base/dct.h"
#include "base/tile_decoder.h"
#include "fuzz/fuzz_input.h"

namespace {

using veneer::Tile;
using veneer::fuzz::Input;
using veneer::fuzz::promise;

struct Picture {
  int w, h, channels;
  veneer::BaseParams params;

  Tile tile() const { return Tile(w, h, channels >= 3, params); }
};

bool decode(const char* target, const std::vector<uint8_t>& payload, Tile* tile) {
  veneer::force_kernels(target);
  return veneer::decode_tile(payload.data(), payload.size(), tile->height, tile);
}

// How a tile was coded, as networks read it.
struct Maps {
  explicit Maps(const Tile& tile)
      : maps(static_cast<size_t>(tile.units_w) * tile.units_h * veneer::kMaps, 255),
        steps(static_cast<size_t>(tile.units_w) * tile.units_h, 255),
        place{maps.data(), steps.data(), tile.units_w} {
    veneer::clear_maps(tile, place);
  }

  std::vector<uint8_t> maps, steps;
  veneer::TileMaps place;
};

// Decodes what is left of a payload and compares it with `whole`.
void decode_beginning(const Picture& picture, std::vector<uint8_t> payload, size_t length, const Tile& whole) {
  payload.resize(std::min(payload.size(), length));
  payload.shrink_to_fit();
  Tile tile = picture.tile();
  Maps maps(tile);
  const int count = veneer::decode_cut_tile(payload.data(), payload.size(), &tile, &maps.place);
  veneer::clear_maps(tile, maps.place, count);
  const int across = (tile.width + veneer::kSuperblock - 1) / veneer::kSuperblock;
  for (int y = 0; y < tile.height; ++y) {
    for (int x = 0; x < tile.width; ++x) {
      if (y / veneer::kSuperblock * across + x / veneer::kSuperblock >= count) continue;
      for (int plane = 0; plane < (tile.colour ? 3 : 1); ++plane) {
        promise(*tile.at(plane, x, y) == *whole.at(plane, x, y), "known superblocks are what was coded");
      }
    }
  }
}

// The payload without the filters of the tile, which are at its front: what is cut is not filtered.
std::vector<uint8_t> without_filters(const Picture& picture, std::vector<uint8_t> payload) {
  if (!(picture.params.tools & veneer::kToolFilters)) return payload;
  payload.erase(payload.begin() + 1, payload.begin() + 1 + payload[0]);
  payload[0] = 0;
  return payload;
}

void store(const Picture& picture, const Tile& tile) {
  const int w = picture.w, h = picture.h, channels = picture.channels, planes = channels >= 3 ? 3 : 1;
  std::vector<uint16_t> pixels(static_cast<size_t>(w) * h * channels);
  if (picture.params.depth > 8) {
    veneer::store_deep_pixels(tile, 0, 0, w, h, channels, pixels.data(), ptrdiff_t{w} * channels);
  } else {
    std::vector<uint8_t> bytes(pixels.size());
    veneer::store_pixels(tile, 0, 0, w, h, channels, bytes.data(), ptrdiff_t{w} * channels);
    std::copy(bytes.begin(), bytes.end(), pixels.begin());
  }
  std::vector<int16_t> exact(static_cast<size_t>(w) * h * planes);
  veneer::store_exact(tile, 0, 0, w, h, exact.data(), ptrdiff_t{w} * planes);
  for (size_t i = 0; i < exact.size(); ++i) {
    const int pixel = pixels[i / planes * channels + i % planes];
    promise(exact[i] >= 0 && exact[i] <= tile.range.top && tile.range.pixel(exact[i]) == pixel,
            "exact values round to pixels");
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  Input input(data, size);
  Picture picture{};
  picture.w = input.number(1, 200);
  picture.h = input.number(1, 200);
  const int kind = input.number(0, 35);  // channels - 1 of four, and bits of a sample - 8 of nine
  picture.channels = 1 + kind % 4;
  const std::vector<uint8_t> fields = input.take(veneer::kBaseParamsSize);
  if (fields.size() < veneer::kBaseParamsSize || !veneer::parse_base_params(fields.data(), &picture.params)) return 0;
  picture.params.depth = static_cast<uint8_t>(8 + kind / 4);
  if (picture.params.depth > 8) picture.params.tools &= ~veneer::kToolScreen;  // which HEAD does not allow
  const size_t cut = input.two_bytes();
  const std::vector<uint8_t> payload = input.take(input.left());

  Tile scalar = picture.tile(), best = picture.tile();
  const bool valid = decode("scalar", payload, &scalar);
  promise(valid == decode("auto", payload, &best), "targets agree on what is valid");
  for (int plane = 0; plane < (scalar.colour ? 3 : 1); ++plane) {
    promise(!valid || scalar.samples[plane] == best.samples[plane], "targets agree on samples");
  }
  store(picture, best);
  if (!valid) return 0;
  Tile whole = picture.tile();
  promise(decode("auto", without_filters(picture, payload), &whole), "a valid tile is valid without filters");
  decode_beginning(picture, payload, cut, whole);
  return 0;
}
