#include "picture/modular_layer.h"

#include <algorithm>

#include "base/modular/tile.h"
#include "picture/base_layer.h"
#include "picture/base_part.h"
#include "picture/filling.h"
#include "picture/losses.h"
#include "picture/sample_depth.h"

namespace veneer {
namespace {

// Interleaves the samples of a tile, each changed to what pixels have.
template <typename T, typename Change>
void interleave(const modular::TilePlanes& tile, const Rect& inner, const View<uint8_t>& out, const Change& change) {
  const int channels = tile.channels();
  for (int y = 0; y < inner.height; ++y) {
    T* const to = samples_of<T>(out.row(y));
    for (int c = 0; c < channels; ++c) {
      const uint16_t* const from = tile.row(c, inner.y + y) + inner.x;
      for (int x = 0; x < inner.width; ++x) to[x * channels + c] = static_cast<T>(change(from[x]));
    }
  }
}

// Pixels and status of tile `i` as far as it lies in the region.
int decode_part(const CodedPicture& coded, const TileGrid& grid, const Rect& region, int i, const View<uint8_t>& out) {
  const Rect box = grid.box(i), part = intersection(box, region);
  if (part.empty()) return status::kNotNeeded;
  if (!coded.contents.colour_tiles[i].present()) return status::kMissing;
  if (i == coded.contents.cut_tile) return status::kCut;
  const bool whole = decode_modular_tile(coded, i, part.within(box), out.part(part.within(region)));
  return whole ? status::kOk : status::kDamaged;
}

template <typename T>
void make_opaque(const View<uint8_t>& pixels, int channels, int opaque) {
  for (int y = 0; y < pixels.height; ++y) {
    T* const row = samples_of<T>(pixels.row(y));
    for (int x = 0; x < pixels.width; ++x) row[x * channels + channels - 1] = static_cast<T>(opaque);
  }
}

void make_opaque(const View<uint8_t>& pixels, int channels, const SampleType& type) {
  const int opaque = type.is_half ? kHalfOne : (1 << type.depth) - 1;
  if (bytes_of_depth(type.depth) == 1) return make_opaque<uint8_t>(pixels, channels, opaque);
  make_opaque<uint16_t>(pixels, channels, opaque);
}

// Fills lost tiles in, on a copy of 8 bits.
void fill_lost(const CodedPicture& coded, const TileGrid& grid, const Rect& region, const Vector<int>& status,
               Runner& runner, const View<uint8_t>& out) {
  const Head& head = coded.contents.head;
  const Image<uint8_t> lost = lost_cells(grid, region, [&](int i) { return known_superblocks(status[i]); });
  Image<uint8_t> small = to_eight_bits(out, head.channels, sample_type(head));
  const Image<uint8_t> preview = preview_of(coded, runner);
  const bool with_alpha = has_alpha(head);
  const int filled = with_alpha && preview.empty() ? head.channels - 1 : head.channels;
  fill(small.view(), 0, filled, lost, region, preview.empty() ? nullptr : &preview);
  for (int i = 0; i < grid.count(); ++i) {
    const Rect part = intersection(grid.box(i), region);
    if (part.empty() || !loses(status[i])) continue;
    const View<uint8_t> there = out.part(part.within(region));
    widen(small.view().part(part.within(region)), head.channels, sample_type(head), there);
    if (filled < head.channels) make_opaque(there, head.channels, sample_type(head));
  }
}

}  // namespace

bool decode_modular_tile(const CodedPicture& coded, int index, const Rect& inner, const View<uint8_t>& out) {
  const Head& head = coded.contents.head;
  const Rect box = tile_grid(head).box(index);
  modular::TilePlanes tile(box.width, box.height, head.channels);
  if (!modular::decode_tile(coded.contents.colour_tiles[index].in(coded.file), head.bit_depth, &tile)) return false;
  const auto same = [](int sample) { return sample; };
  if (bytes_per_sample(head) == 1) {
    interleave<uint8_t>(tile, inner, out, same);
  } else if (head.sample_format == kHalfFloats) {
    interleave<uint16_t>(tile, inner, out, half_of_ordered);
  } else {
    interleave<uint16_t>(tile, inner, out, same);
  }
  return true;
}

Image<uint8_t> decode_modular(const CodedPicture& coded, const Rect& region, Runner& runner, Vector<int>* status) {
  const Head& head = coded.contents.head;
  const TileGrid grid = tile_grid(head);
  Image<uint8_t> pixels(region.width, region.height, head.channels * bytes_per_sample(head));
  const View<uint8_t> out = pixels.view();
  status->assign(grid.count(), status::kNotNeeded);
  run_parallel(runner, grid.count(), [&](int i) { (*status)[i] = decode_part(coded, grid, region, i, out); });
  const bool some_lost = std::any_of(status->begin(), status->end(), loses);
  if (some_lost && !is_nothing_left({status->data(), status->size()})) {
    fill_lost(coded, grid, region, *status, runner, out);
  }
  return pixels;
}

}  // namespace veneer
