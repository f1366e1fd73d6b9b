// JPEGs without the artefacts of their coding: the network `jpeg_restore` over decoded pixels, and `texture` if wanted.
//
// Place: over base/jpeg/pixels.h, which decodes; the picture layer and the command `restore-jpeg` call it.
// Source: docs/format.md, "Restored pixels of a JPEG".
#pragma once
#include <cstdint>

#include "base/jpeg/image.h"
#include "common/image.h"
#include "common/rect.h"
#include "common/runner.h"
#include "network/networks.h"

namespace veneer {

// Whether a JPEG is of a kind that can be restored: grey, or luma and chroma.
bool can_restore(const jpeg::Image& image);

// Whether the network makes it better: JPEGs without subsampling and with fine steps alone stay as they are.
bool gains_by_restoration(const jpeg::Image& image);

// The part of the decoded picture that restore_jpeg_region() reads for a region; jpeg::mcus_of() says which levels that
// takes. `realism` is 0 or not.
Rect visible_jpeg_part(const JpegNetworks& networks, const jpeg::Image& image, const Rect& region, int realism);

// The same for any JPEG of `width` x `height` pixels: it holds all MCUs that jpeg::mcus_of() names for that part, whatever
// the sampling and the tables are.
Rect visible_jpeg_part_at_most(const JpegNetworks& networks, int width, int height, const Rect& region, int realism);

// Where an image of some MCUs lies in the whole picture: its first pixel, and the sides of the whole.
struct JpegPlace {
  int x = 0, y = 0;
  int width = 0, height = 0;
};

// Makes the restored pixels of a region: those of a run on the whole picture.
//   image: can_restore(); if not gains_by_restoration(), the result is that of jpeg::decode_pixels().
//   realism: 0..64; not 0 only where networks.texture is there. seed: of its noise.
//   out: of the region's size, with jpeg::channels_of(image) channels.
//   max_columns, band_pixels: what is made at a time.
// Throws Failure: kNetworkTooLarge.
void restore_jpeg_region(const JpegNetworks& networks, const jpeg::Image& image, const Rect& region, int realism,
                         uint32_t seed, Runner& runner, const View<uint8_t>& out, int max_columns = kMaxColumns,
                         int64_t band_pixels = int64_t{1} << 24);

// The same where `image` holds a part of the picture, with all the MCUs of visible_jpeg_part(). `region` is in pixels of
// the whole.
void restore_jpeg_region(const JpegNetworks& networks, const jpeg::Image& image, const JpegPlace& place,
                         const Rect& region, int realism, uint32_t seed, Runner& runner, const View<uint8_t>& out,
                         int max_columns = kMaxColumns, int64_t band_pixels = int64_t{1} << 24);

}  // namespace veneer
