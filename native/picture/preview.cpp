#include "picture/preview.h"

#include <algorithm>

#include "common/limits.h"
#include "picture/base_layer.h"

namespace veneer {

Image<uint8_t> decode_preview(const PreviewCode& code, int width, int height, int channels, Runner& runner) {
  const Rect size = covering_region({0, 0, width, height});
  const CodedTile colour{code.colour, true}, alpha{code.alpha, true};
  CodedBase base;
  base.grid = TileGrid::of_one(size.width, size.height);
  base.channels = channels;
  base.params = code.params;
  base.colour = {&colour, 1};
  if (channels % 2 == 0) base.alpha = {&alpha, 1};
  Image<uint8_t> pixels(size.width, size.height, channels);
  int state = status::kMissing;
  decode_base(base, size, runner, pixels.view(), {&state, 1});
  return state == status::kOk ? std::move(pixels) : Image<uint8_t>();
}

int preview_tile_log2(int preview_width, int preview_height) {
  int log2 = kMinTileLog2;
  while (1 << log2 < std::max(preview_width, preview_height)) ++log2;
  return log2;
}

Rect covering_region(const Rect& region) { return squares_of(region, kPreviewScale); }

}  // namespace veneer
