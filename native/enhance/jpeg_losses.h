// What a JPEG says of its own losses: inputs of the network that restores it, integers for units of 4 x 4 pixels.
//
// Source: docs/format.md, "Restored pixels of a JPEG".
#pragma once
#include <cstdint>

#include "base/jpeg/image.h"
#include "common/image.h"
#include "common/runner.h"
#include "network/networks.h"

namespace veneer {

// How a JPEG was coded.
struct JpegCoding {
  uint16_t luma[jpeg::kBlockSize];    // quantization table of the first component, in natural order
  uint16_t chroma[jpeg::kBlockSize];  // of the second one of three; else that of the first
  int across = 1, down = 1;           // samples of luma for one of chroma, 1..4
};

JpegCoding coding_of(const jpeg::Image& image);

// What holds for the whole picture.
struct JpegStrength {
  uint8_t step;                        // step index of luma's low frequencies, 0..172
  int16_t settings[kSettingChannels];  // -64..63
};

JpegStrength strength_of(const JpegCoding& coding);

// Maps of units, [ceil(H / 4), ceil(W / 4), 10], of pixels [H, W, 1 or 3].
//   pixels: a box of the decoded picture. It begins at multiples of 8 * across and 8 * down and ends at such or at the end
//     of the picture, beyond which its last row and column go on.
Image<uint8_t> jpeg_maps(const View<const uint8_t>& pixels, const JpegCoding& coding, Runner& runner);

}  // namespace veneer
