#include "picture/base_layer.h"

#include <algorithm>

#include "base/alpha.h"
#include "base/colour.h"
#include "base/modular/tile.h"
#include "base/tile_decoder.h"
#include "picture/filling.h"
#include "picture/sample_depth.h"

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
bool store_deep_alpha(const CodedTile& coded, int depth, const Rect& tile, const Rect& inner,
                      const View<uint8_t>& pixels) {
  modular::TilePlanes plane(tile.width, tile.height, 1);
  const bool whole = coded.present && modular::decode_tile(coded.data, depth, &plane);
  if (!whole)
    std::fill_n(plane.plane(0), size_t{1} * tile.width * tile.height, static_cast<uint16_t>((1 << depth) - 1));
  const int channels = pixels.channels / bytes_of_depth(depth);
  for (int y = 0; y < inner.height; ++y) {
    const uint16_t* in = plane.row(0, inner.y + y) + inner.x;
    uint16_t* out = samples_of<uint16_t>(pixels.row(y)) + channels - 1;
    for (int x = 0; x < inner.width; ++x) out[x * channels] = in[x];
  }
  return whole;
}

bool store_alpha(const CodedTile& coded, int depth, const Rect& tile, const Rect& inner, const View<uint8_t>& pixels) {
  if (depth > 8) return store_deep_alpha(coded, depth, tile, inner, pixels);
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
  if (base.params.depth > 8) {
    store_deep_pixels(tile, inner.x, inner.y, inner.width, inner.height, base.channels,
                      samples_of<uint16_t>(pixels.data), pixels.stride / 2);
  } else {
    store_pixels(tile, inner.x, inner.y, inner.width, inner.height, base.channels, pixels.data, pixels.stride);
  }
  if (!base.alpha.empty()) {
    const bool whole = store_alpha(base.alpha[i], base.params.depth, box, inner, pixels);
    if (!whole && base.alpha[i].present && state == status::kOk) state = status::kAlphaDamaged;
  }
  return state;
}

int colours_of(int channels) { return channels >= 3 ? 3 : 1; }

// Copies channels of lost cells from a picture of 8 bits to one of more.
void widen_lost(const View<const uint8_t>& from, int first, int count, const Image<uint8_t>& lost, const Rect& region,
                int depth, const View<uint8_t>& to) {
  const Rect cells = squares_of(region, kCell);
  for (int y = 0; y < from.height; ++y) {
    const uint8_t* row = lost.view().row((region.y + y) / kCell - cells.y);
    uint16_t* out = samples_of<uint16_t>(to.row(y));
    for (int x = 0; x < from.width; ++x) {
      if (!row[(region.x + x) / kCell - cells.x]) continue;
      for (int c = first; c < first + count; ++c) {
        out[x * from.channels + c] = static_cast<uint16_t>(widened_sample(from.at(x, y)[c], depth));
      }
    }
  }
}

// Colour where it is lost, and alpha where that is and there is a preview; deep pictures on a copy of 8 bits.
void fill_lost(const CodedBase& base, const Rect& region, const Image<uint8_t>& lost, const Image<uint8_t>& alpha_lost,
               const Image<uint8_t>* preview, const View<uint8_t>& out) {
  const int colours = colours_of(base.channels), depth = base.params.depth;
  const bool with_alpha = preview != nullptr && base.channels > colours;
  if (depth <= 8) {
    fill(out, 0, colours, lost, region, preview);
    if (with_alpha) fill(out, colours, 1, alpha_lost, region, preview);
    return;
  }
  if (!any(lost) && !any(alpha_lost)) return;
  Image<uint8_t> small = to_eight_bits(out, base.channels, depth);
  fill(small.view(), 0, colours, lost, region, preview);
  widen_lost(small.view(), 0, colours, lost, region, depth, out);
  if (!with_alpha) return;
  fill(small.view(), colours, 1, alpha_lost, region, preview);
  widen_lost(small.view(), colours, 1, alpha_lost, region, depth, out);
}

// Quarters of the exact values of a part.
void quarters_of_exact(const View<const int16_t>& exact, int extra, const View<int16_t>& quarters) {
  constexpr int kMost = 4 * 255;
  const int round = 1 << extra >> 1, count = exact.width * exact.channels;
  for (int y = 0; y < exact.height; ++y) {
    const int16_t* in = exact.row(y);
    int16_t* out = quarters.row(y);
    for (int i = 0; i < count; ++i) out[i] = static_cast<int16_t>(std::min((in[i] + round) >> extra, kMost));
  }
}

// The exact values of lost cells, of their quarters.
void exact_of_quarters(const View<const int16_t>& quarters, const Image<uint8_t>& lost, int extra,
                       const View<int16_t>& exact) {
  for (int y = 0; y < quarters.height; ++y) {
    const uint8_t* row = lost.view().row(y / kCell);
    for (int x = 0; x < quarters.width; ++x) {
      if (!row[x / kCell]) continue;
      for (int c = 0; c < quarters.channels; ++c) {
        exact.at(x, y)[c] = static_cast<int16_t>(quarters.at(x, y)[c] << extra);
      }
    }
  }
}

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
  fill_lost(base, region, lost, alpha_lost, preview, out);
}

BaseDecoding decode_quarter_tiles(const CodedBase& base, Runner& runner) {
  const TileGrid& grid = base.grid;
  const int planes = colours_of(base.channels);
  const Rect units = squares_of({0, 0, grid.width(), grid.height()}, kUnit);
  BaseDecoding result;
  result.quarters = Image<int16_t>(grid.width(), grid.height(), planes);
  if (base.params.depth > 8) result.exact = Image<int16_t>(grid.width(), grid.height(), planes);
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
    if (base.params.depth == 8) {
      store_exact(tile, 0, 0, box.width, box.height, out.data, out.stride);
      return;
    }
    const View<int16_t> exact = result.exact.view().part(box);
    store_exact(tile, 0, 0, box.width, box.height, exact.data, exact.stride);
    quarters_of_exact(exact, tile.range.extra, out);
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
  if (!result.exact.empty()) {
    exact_of_quarters(result.quarters.view(), result.lost, range_of_depth(base.params.depth).extra,
                      result.exact.view());
  }
  return result;
}

}  // namespace veneer
