#include "picture/arriving_tiles.h"

#include "picture/base_layer.h"
#include "picture/jpeg_layer.h"
#include "picture/modular_layer.h"
#include "picture/preview.h"

namespace veneer {

Rect tile_region(const Head& head, int index) {
  return intersection(tile_grid(head).box(index).scaled(head.base_scale), {0, 0, head.width, head.height});
}

bool show_tile(const CodedPicture& coded, int index, const View<uint8_t>& out) {
  const Contents& contents = coded.contents;
  const Head& head = contents.head;
  const Rect box = tile_grid(head).box(index);
  if (head.base_kind == kModular) {
    const bool whole = contents.cut_tile != index;
    return whole && decode_modular_tile(coded, index, {0, 0, box.width, box.height}, out);
  }
  if (head.base_kind == kJpeg) return contents.cut_tile != index && decode_jpeg_tile(coded, index, out);
  const CodedTile colour{contents.colour_tiles[index].in(coded.file), true};
  const bool has_alpha = !contents.alpha_tiles.empty();
  const CodedTile alpha{has_alpha ? contents.alpha_tiles[index].in(coded.file) : Bytes(), has_alpha};
  const CodedBase base{TileGrid(box.width, box.height, head.tile_log2),
                       head.channels,
                       head.base_params,
                       {&colour, 1},
                       {&alpha, has_alpha ? size_t{1} : size_t{0}},
                       -1,
                       nullptr};
  Image<uint8_t> pixels(box.width, box.height, head.channels * bytes_per_sample(head));
  int status = status::kOk;
  SameThread here;
  decode_base(base, {0, 0, box.width, box.height}, here, pixels.view(), {&status, 1});
  if (status != status::kOk) return false;
  if (head.base_scale == 1) {
    copy_rows<uint8_t>(pixels.view(), out);
  } else {
    enlarge(pixels.view(), {0, 0, out.width, out.height}, head.base_scale, here, out);
  }
  return true;
}

}  // namespace veneer
