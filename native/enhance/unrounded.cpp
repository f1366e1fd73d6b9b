#include "enhance/unrounded.h"

namespace veneer {
namespace {

uint8_t rounded(int16_t value) { return static_cast<uint8_t>((value + (1 << (kFractionBits - 1))) >> kFractionBits); }

// Of a picture to one with another number of channels.
template <int kFrom>
void round_row(const int16_t* row, int width, int channels, uint8_t* pixels) {
  for (int x = 0; x < width; ++x) {
    for (int c = 0; c < kFrom; ++c) pixels[static_cast<ptrdiff_t>(x) * channels + c] = rounded(row[kFrom * x + c]);
  }
}

}  // namespace

void from_quarters(const View<const int16_t>& quarters, const View<int16_t>& picture) {
  const ptrdiff_t count = static_cast<ptrdiff_t>(quarters.width) * quarters.channels;
  for (int y = 0; y < quarters.height; ++y) {
    const int16_t* in = quarters.row(y);
    int16_t* out = picture.row(y);
    for (ptrdiff_t i = 0; i < count; ++i) out[i] = static_cast<int16_t>(in[i] * (1 << (kFractionBits - 2)));
  }
}

Image<int16_t> from_quarters(const View<const int16_t>& quarters) {
  Image<int16_t> picture(quarters.width, quarters.height, quarters.channels);
  from_quarters(quarters, picture.view());
  return picture;
}

void to_pixels(const View<const int16_t>& picture, const View<uint8_t>& pixels) {
  const ptrdiff_t count = static_cast<ptrdiff_t>(picture.width) * picture.channels;
  for (int y = 0; y < picture.height; ++y) {
    const int16_t* in = picture.row(y);
    uint8_t* out = pixels.row(y);
    if (picture.channels == pixels.channels) {
      for (ptrdiff_t i = 0; i < count; ++i) out[i] = rounded(in[i]);
    } else if (picture.channels == 1) {
      round_row<1>(in, picture.width, pixels.channels, out);
    } else {
      round_row<3>(in, picture.width, pixels.channels, out);
    }
  }
}

}  // namespace veneer
