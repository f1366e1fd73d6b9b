// Takes a JPEG file apart into the chunks of a file that keeps it.
//
// Source: docs/format.md, "JPEG base", for the result.
#pragma once
#include "common/memory.h"
#include "common/runner.h"
#include "common/span.h"

namespace veneer {

struct EncodedJpeg {
  int width = 1, height = 1, channels = 1;  // for HEAD; 1 where the JPEG is kept as bytes alone
  int tile_log2 = 0;
  bool restorable = false;         // whether `jpeg_restore` makes the picture better
  Vector<uint8_t> header, script;  // payloads of JHDR and JSCR
  Vector<Vector<uint8_t>> tiles;   // Data of BASE; none where the JPEG is kept as bytes alone
};

// Any bytes are accepted; those that are no JPEG that can be parsed are kept as bytes alone. Whether the very file comes
// of the result is for the caller to try. form: 0 fast, 1 full. tile_log2: 6..16. Throws Failure of
// kPictureTooLarge, before anything is coded.
EncodedJpeg encode_jpeg(Bytes file, int form, int tile_log2, int64_t max_pixels, Runner& runner);

}  // namespace veneer
