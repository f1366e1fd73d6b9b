#include "picture/concealment.h"

#include <algorithm>

#include "picture/cells.h"
#include "picture/membrane.h"

namespace veneer {
namespace {

constexpr int kBlock = 8;  // cells of a side that are brought to full size at a time

// The base and the membrane of one channel.
struct Channel {
  Image<int16_t> base;      // of a preview, at an eighth of the size; empty without
  Image<int16_t> membrane;  // at the same size
};

// A part of the membrane at full size, fixed at each level to the known pixels of those cells.
template <typename T>
Image<int16_t> hang(const CellBox<T>& box, int c, const Rect& cells, const View<const int16_t>& membrane,
                    const View<const int16_t>& base) {
  const Image<int16_t> pixels = box.pixels(c, cells);
  Image<int16_t> hanging, part;
  View<const int16_t> above = membrane, above_base = base;
  for (const int log2_scale : {2, 1, 0}) {
    Image<int16_t> larger = enlarge(above);
    hanging = std::move(larger);
    if (!base.empty()) {
      Image<int16_t> larger_base = enlarge(above_base);
      part = std::move(larger_base);
      above_base = part.view();
    }
    const Image<int16_t> fixed = box.known(cells, log2_scale);
    hold(box.means(pixels, log2_scale), part, fixed, &hanging);
    smooth(fixed, &hanging);
    above = hanging.view();
  }
  if (!base.empty()) add(part, &hanging);
  return hanging;
}

Image<int16_t> enlarge_to_pixels(const View<const int16_t>& values) {
  return enlarge(enlarge(enlarge(values).view()).view());
}

// From an eighth of the size to pixels, for the cells of a block: enlarges base and membrane, keeps known pixels,
// and stores. One more cell on every side is more than the sweeps of all levels reach, so that blocks match.
template <typename T>
void refine_block(const CellBox<T>& box, int c, const Channel& channel, const Rect& block) {
  const Rect wide = intersection({block.x - 1, block.y - 1, block.width + 2, block.height + 2}, box.cells());
  const Rect small = wide.scaled(kPreviewCell);
  const View<const int16_t> membrane = channel.membrane.view().part(small);
  const View<const int16_t> base = channel.base.empty() ? View<const int16_t>() : channel.base.view().part(small);
  Image<int16_t> hanging;
  if (box.all_lost(wide)) {
    hanging = enlarge_to_pixels(membrane);
    if (!base.empty()) add(enlarge_to_pixels(base), &hanging);
  } else {
    hanging = hang(box, c, wide, membrane, base);
  }
  box.store(c, block, wide, hanging.view());
}

template <typename T>
Channel start_channel(const CellBox<T>& box, int c, const Image<int16_t>& fixed, const View<const uint8_t>& preview) {
  Channel channel;
  Image<int16_t> known = box.coarse_means(c);
  if (preview.empty()) {
    channel.membrane = membrane(known, fixed);
  } else {
    channel.base = base_of_preview(preview, c);
    subtract_known(channel.base, fixed, &known);
    channel.membrane = std::move(known);
  }
  smooth(fixed, &channel.membrane);
  return channel;
}

template <typename T>
void conceal_samples(const View<T>& samples, int first_channel, int channels, const Hole& hole) {
  const View<const uint8_t>& lost = hole.lost;
  const int count = count_lost(lost);
  if (count == 0) return;
  const View<T> own(samples.data + first_channel, samples.width, samples.height, samples.channels, samples.stride);
  if (hole.preview.empty() && count == lost.width * lost.height) {
    fill_with_middle(own, channels);
    return;
  }
  const Rect cells = around_lost(lost);
  const CellBox<T> box(own, hole, cells);
  const View<const uint8_t> preview =
      hole.preview.empty() ? hole.preview : hole.preview.part(cells.scaled(kPreviewCell));
  const Image<int16_t> fixed = box.coarse_known();
  for (int c = 0; c < channels; ++c) {
    const Channel channel = start_channel(box, c, fixed, preview);
    for (int y = 0; y < cells.height; y += kBlock) {
      for (int x = 0; x < cells.width; x += kBlock) {
        const Rect block = intersection({x, y, kBlock, kBlock}, box.cells());
        if (box.any_lost(block)) refine_block(box, c, channel, block);
      }
    }
  }
}

}  // namespace

void conceal(const View<uint8_t>& samples, int first_channel, int channels, const Hole& hole) {
  conceal_samples(samples, first_channel, channels, hole);
}

void conceal(const View<int16_t>& samples, int first_channel, int channels, const Hole& hole) {
  conceal_samples(samples, first_channel, channels, hole);
}

}  // namespace veneer
