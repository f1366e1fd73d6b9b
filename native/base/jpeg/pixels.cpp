#include "base/jpeg/pixels.h"

#include <algorithm>

#include "base/jpeg/pixel_kernels.h"
#include "base/jpeg/sample_rows.h"

namespace veneer::jpeg {
namespace {

constexpr int kBandRows = 128;  // of the picture, that one thread makes: rows of blocks at the edges are made twice

// a b / 255, rounded.
int product(int a, int b) {
  const int t = a * b + 128;
  return ((t >> 8) + t) >> 8;
}

Colour colour_of(const Image& image) {
  if (image.count < 3) return Colour::kGrey;
  if (image.count == 3) return image.colour == Colour::kRgb ? Colour::kRgb : Colour::kYcc;
  return image.colour == Colour::kYcck ? Colour::kYcck : Colour::kCmyk;
}

// Components that pixels are made of.
int components_of(const Image& image) { return image.count < 3 ? 1 : image.count; }

// R, G, B of inks, which such files have inverted: `out` has three of them on entry, inverted or as R, G and B stand for
// them; black is the fourth component.
void add_black(const uint8_t* black, bool inverted, int count, uint8_t* out) {
  for (int i = 0; i < count; ++i) {
    for (int c = 0; c < 3; ++c) {
      const int ink = inverted ? 255 - out[3 * i + c] : out[3 * i + c];
      out[3 * i + c] = static_cast<uint8_t>(black[i] - product(ink, black[i]));
    }
  }
}

void make_row(Colour colour, const uint8_t* const rows[kMaxComponents], int count, uint8_t* out) {
  const PixelKernels& k = pixel_kernels();
  switch (colour) {
    case Colour::kGrey:
      std::copy_n(rows[0], count, out);
      break;
    case Colour::kYcc:
      k.from_ycc(rows[0], rows[1], rows[2], count, out);
      break;
    case Colour::kRgb:
      k.from_rgb(rows[0], rows[1], rows[2], count, out);
      break;
    case Colour::kCmyk:
      k.from_rgb(rows[0], rows[1], rows[2], count, out);
      add_black(rows[3], true, count, out);
      break;
    case Colour::kYcck:
      k.from_ycc(rows[0], rows[1], rows[2], count, out);
      add_black(rows[3], false, count, out);
      break;
  }
}

// Rows [top, bottom) of the picture, of a region.
void make_band(const Image& image, const Rect& region, int top, int bottom, const View<uint8_t>& out) {
  const Colour colour = colour_of(image);
  const int components = components_of(image);
  Vector<SampleRows> samples;
  samples.reserve(kMaxComponents);
  for (int c = 0; c < components; ++c) samples.emplace_back(image, c, region.x, region.right());
  for (int y = top; y < bottom; ++y) {
    const uint8_t* rows[kMaxComponents] = {};
    for (int c = 0; c < components; ++c) rows[c] = samples[c].enlarged(y);
    make_row(colour, rows, region.width, out.row(y - region.y));
  }
}

}  // namespace

Rect mcus_of(const Image& image, const Rect& region) {
  Rect mcus = {region.x / (kBlockSide * image.h_most), region.y / (kBlockSide * image.v_most), 0, 0};
  int right = (region.right() - 1) / (kBlockSide * image.h_most),
      bottom = (region.bottom() - 1) / (kBlockSide * image.v_most);
  for (int c = 0; c < components_of(image); ++c) {
    const Sampling s(image, c);
    if (s.reads_columns_around()) {
      mcus.x = std::min(mcus.x, std::max(0, s.column_of(region.x) - 1) / (kBlockSide * s.h));
      right = std::max(right, std::min(s.width - 1, s.column_of(region.right() - 1) + 1) / (kBlockSide * s.h));
    }
    if (s.reads_rows_around()) {
      mcus.y = std::min(mcus.y, std::max(0, s.row_of(region.y) - 1) / (kBlockSide * s.v));
      bottom = std::max(bottom, std::min(s.height - 1, s.row_of(region.bottom() - 1) + 1) / (kBlockSide * s.v));
    }
  }
  mcus.width = right + 1 - mcus.x;
  mcus.height = bottom + 1 - mcus.y;
  return mcus;
}

void decode_pixels(const Image& image, const Rect& region, Runner& runner, const View<uint8_t>& out) {
  if (region.empty() || image.count < 1) return;
  const int bands = (region.height + kBandRows - 1) / kBandRows;
  const int rows = runner.threads() == 1 ? region.height : kBandRows;
  run_parallel(runner, runner.threads() == 1 ? 1 : bands, [&](int band) {
    const int top = region.y + band * rows;
    make_band(image, region, top, std::min(top + rows, region.bottom()), out);
  });
}

}  // namespace veneer::jpeg
