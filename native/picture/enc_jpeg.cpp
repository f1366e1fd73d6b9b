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
  const TileGrid grid(encoded->width, encoded->height, encoded->tile_log2);
  encoded->tiles.resize(static_cast<size_t>(grid.count()));
  run_parallel(runner, grid.count(), [&](int i) {
    const Rect mcus = mcus_of_tile(grid, image, i);
    if (!mcus.empty()) encoded->tiles[i] = jpeg::encode_levels(image, mcus, form);
  });
}

}  // namespace

EncodedJpeg encode_jpeg(Bytes file, int form, int tile_log2, int64_t max_pixels, Runner& runner) {
  jpeg::Image image;
  jpeg::Script script;
  jpeg::parse(file, &image, &script);
  if (int64_t{image.width} * image.height > max_pixels) {
    fail(ErrorCode::kPictureTooLarge, Problem::kNowhere, "%dx%d pixels are more than the %lld allowed", image.width,
         image.height, static_cast<long long>(max_pixels));
  }
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
