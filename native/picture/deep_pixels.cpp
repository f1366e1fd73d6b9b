#include "picture/deep_pixels.h"

#include <algorithm>

#include "base/sample_range.h"
#include "enhance/unrounded.h"
#include "picture/sample_depth.h"

namespace veneer {

void to_deep_pixels(const View<const int16_t>& made, const DeepBase& base, const View<uint8_t>& pixels) {
  const SampleRange range = range_of_depth(base.depth);
  const int places = kFractionBits - range.fraction, most = range.top << places, channels = pixels.channels / 2;
  // Where planes have two places, those of 1/64 have four more.
  SampleRange fine = range;
  fine.shift += places;
  fine.top = most;
  for (int y = 0; y < made.height; ++y) {
    const int16_t *in = made.row(y), *exact = base.exact.row(y), *quarters = base.quarters.row(y);
    uint16_t* out = samples_of<uint16_t>(pixels.row(y));
    for (int x = 0; x < made.width; ++x) {
      for (int c = 0; c < made.channels; ++c) {
        const int i = x * made.channels + c;
        const int precise = exact[i] * (1 << places) + in[i] - 16 * quarters[i];
        out[x * channels + c] = static_cast<uint16_t>(fine.pixel(precise));
      }
    }
  }
}

}  // namespace veneer
