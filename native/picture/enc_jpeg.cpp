#include "picture/enc_jpeg.h"

#include "base/jpeg/enc_geometry.h"
#include "base/jpeg/enc_levels.h"
#include "base/jpeg/enc_parse.h"
#include "base/jpeg/enc_script.h"
#include "base/jpeg/pixels.h"
#include "enhance/jpeg_restoration.h"
#include "picture/jpeg_layer.h"

namespace veneer {
namespace {

void encode_tiles(const jpeg::Image& image, int form, Runner& runner, EncodedJpeg* encoded) {
  Head head;
  head.width = encoded->width;
  head.height = encoded->height;
  head.base_scale = 1;
  head.tile_log2 = encoded->tile_log2;
  const int count = tile_grid(head).count();
  encoded->tiles.resize(static_cast<size_t>(count));
  run_parallel(runner, count, [&](int i) {
    const Rect mcus = mcus_of_tile(head, image, i);
    if (!mcus.empty()) encoded->tiles[i] = jpeg::encode_levels(image, mcus, form);
  });
}

}  // namespace

EncodedJpeg encode_jpeg(Bytes file, int form, int tile_log2, Runner& runner) {
  jpeg::Image image;
  jpeg::Script script;
  jpeg::parse(file, &image, &script);
  EncodedJpeg encoded;
  encoded.tile_log2 = tile_log2;
  if (image.count > 0) {
    encoded.width = image.width;
    encoded.height = image.height;
    encoded.channels = jpeg::channels_of(image);
    encoded.restorable = can_restore(image) && gains_by_restoration(image);
    encode_tiles(image, form, runner, &encoded);
  }
  encoded.header = jpeg::encode_geometry(image);
  encoded.script = jpeg::encode_script(image, script, form);
  return encoded;
}

}  // namespace veneer
