// The preview, a small picture near the beginning of a file, and its uses.
//
// Place: the preview as it is, or enlarged where tiles have not come yet.
// Source: docs/format.md, "Preview".
#pragma once
#include <cstdint>

#include "base/tile.h"
#include "common/image.h"
#include "common/runner.h"
#include "common/span.h"
#include "container/structures.h"

namespace veneer {

// What a file has of its preview.
struct PreviewCode {
  BaseParams params;
  Bytes colour;
  Bytes alpha;  // used if the picture has alpha
};

// The preview of a picture of width x height pixels: [(height + 7) / 8][(width + 7) / 8][channels], or an empty picture
// if the payload is invalid.
Image<uint8_t> decode_preview(const PreviewCode& code, int width, int height, int channels, Runner& runner);

// Side of one tile that holds all of a preview of that size, as a power of two.
int preview_tile_log2(int preview_width, int preview_height);

// The pixels of the preview that stand for some of `region`, which is in pixels of the picture.
Rect covering_region(const Rect& region);

// The mean of each square of `scale` pixels a side, 1..16, fewer at the right and lower edge; colours are weighted by
// alpha (2 and 4 channels), which itself is not. [ceil(H / scale)][ceil(W / scale)][channels].
Image<uint8_t> reduce_picture(const View<const uint8_t>& pixels, int scale, Runner& runner);

// A region of a picture as a small one of the same knows it, for display while a picture arrives: interpolated by cubics
// (Keys, 1981, a = -0.5) in integers, colours weighted by alpha. Every pixel of `small` stands for scale x scale, fewer
// at the right and lower edge; scale is 1..16. `region` is in pixels of the picture and `out` of its size, with the
// channels of `small`. Regions side by side fit together.
void enlarge(const View<const uint8_t>& small, const Rect& region, int scale, Runner& runner, const View<uint8_t>& out);

}  // namespace veneer
