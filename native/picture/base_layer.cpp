#include "picture/base_layer.h"

#include <algorithm>

#include "base/alpha.h"
#include "base/colour.h"
#include "base/tile_decoder.h"
#include "picture/filling.h"

namespace veneer {
namespace {

// Decodes the colour of a tile as far as `rows`, of a cut one as far as it goes. Returns the tile's status.
int decode_colour(const CodedTile& coded, bool cut, int rows, Tile* tile, const TileMaps* maps = nullptr) {
  int state = status::kMissing, known = 0;
  if (maps) clear_maps(*tile, *maps);
  if (coded.present) {
    if (cut) {
      known = decode_cut_tile(coded.data.data, coded.data.size, tile, maps);
      state = status::kCut + known;
    } else {
      state = decode_tile(coded.data.data, coded.data.size, rows, tile, maps) ? status::kOk : status::kDamaged;
    }
  }
  if (maps && state > status::kMissing) clear_maps(*tile, *maps, known);
  return state;
}

// Writes the part `inner` of a tile's alpha as the last sample of `pixels`, opaque where the payload is missing or no
// payload; false then.
bool store_alpha(const CodedTile& coded, const Rect& tile, const Rect& inner, const View<uint8_t>& pixels) {
  Vector<uint8_t> plane(static_cast<size_t>(tile.width) * tile.height);
  const bool whole = coded.present && decode_alpha(coded.data.data, coded.data.size, tile.width, tile.height,
                                                   plane.data(), 1, tile.width);
  if (!whole) std::fill(plane.begin(), plane.end(), uint8_t{255});
  for (int y = 0; y < inner.height; ++y) {
    const uint8_t* in = plane.data() + static_cast<ptrdiff_t>(inner.y + y) * tile.width + inner.x;
    uint8_t* out = pixels.row(y) + pixels.channels - 1;
    for (int x = 0; x < inner.width; ++x) out[x * pixels.channels] = in[x];
  }
  return whole;
}

// Pixels and status of tile `i` as far as it lies in the region.
int decode_part(const CodedBase& base, const Rect& region, int i, const View<uint8_t>& out) {
  const Rect box = base.grid.box(i), part = intersection(box, region);
  if (part.empty()) return status::kNotNeeded;
  const Rect inner = part.within(box);
  const View<uint8_t> pixels = out.part(part.within(region));
  Tile tile(box.width, box.height, base.channels >= 3, base.params);
  int state = decode_colour(base.colour[i], i == base.cut_tile, inner.bottom(), &tile);
  store_pixels(tile, inner.x, inner.y, inner.width, inner.height, base.channels, pixels.data, pixels.stride);
  if (!base.alpha.empty()) {
    const bool whole = store_alpha(base.alpha[i], box, inner, pixels);
    if (!whole && base.alpha[i].present && state == status::kOk) state = status::kAlphaDamaged;
  }
  return state;
}

int colours_of(int channels) { return channels >= 3 ? 3 : 1; }

}  // namespace

void decode_tiles(const CodedBase& base, const Rect& region, Runner& runner, View<uint8_t> out, Span<int> status) {
  run_parallel(runner, base.grid.count(), [&](int i) { status[i] = decode_part(base, region, i, out); });
}

void decode_base(const CodedBase& base, const Rect& region, Runner& runner, View<uint8_t> out, Span<int> status) {
  decode_tiles(base, region, runner, out, status);
  // Where nothing is known there is nothing to fill in from: callers refuse the file.
  const bool has_some = std::any_of(status.begin(), status.end(), [](int state) {
    return state == status::kNotNeeded || known_superblocks(state) > 0;
  });
  if (!has_some) return;
  const Image<uint8_t> lost = lost_cells(base.grid, region, [&](int i) { return known_superblocks(status[i]); });
  Image<uint8_t> alpha_lost(1, 1, 1);
  if (!base.alpha.empty()) {
    alpha_lost = lost_cells(base.grid, region, [&](int i) {
      return base.alpha[i].present && status[i] != status::kAlphaDamaged ? kAllSuperblocks : 0;
    });
  }
  const Image<uint8_t>* preview = base.preview && (any(lost) || any(alpha_lost)) ? (*base.preview)() : nullptr;
  const int colours = colours_of(base.channels);
  fill(out, 0, colours, lost, region, preview);
  if (preview) fill(out, colours, base.channels - colours, alpha_lost, region, preview);
}

BaseDecoding decode_quarter_tiles(const CodedBase& base, Runner& runner) {
  const TileGrid& grid = base.grid;
  const int planes = colours_of(base.channels);
  const Rect units = squares_of({0, 0, grid.width(), grid.height()}, kUnit);
  BaseDecoding result;
  result.quarters = Image<int16_t>(grid.width(), grid.height(), planes);
  result.maps = Image<uint8_t>(units.width, units.height, kMaps);
  result.steps = Image<uint8_t>(units.width, units.height, 1);
  result.status.resize(grid.count());
  run_parallel(runner, grid.count(), [&](int i) {
    const Rect box = grid.box(i);
    Tile tile(box.width, box.height, planes == 3, base.params);
    const TileMaps maps = {result.maps.view().at(box.x / kUnit, box.y / kUnit),
                           result.steps.view().at(box.x / kUnit, box.y / kUnit), units.width};
    result.status[i] = decode_colour(base.colour[i], i == base.cut_tile, box.height, &tile, &maps);
    const View<int16_t> out = result.quarters.view().part(box);
    store_quarters(tile, 0, 0, box.width, box.height, out.data, out.stride);
  });
  return result;
}

BaseDecoding decode_base_quarters(const CodedBase& base, Runner& runner) {
  BaseDecoding result = decode_quarter_tiles(base, runner);
  const TileGrid& grid = base.grid;
  const Rect whole = {0, 0, grid.width(), grid.height()};
  result.lost = lost_cells(grid, whole, [&](int i) { return known_superblocks(result.status[i]); });
  const Image<uint8_t>* preview = base.preview && any(result.lost) ? (*base.preview)() : nullptr;
  fill(result.quarters.view(), 0, result.quarters.channels(), result.lost, whole, preview);
  return result;
}

}  // namespace veneer
