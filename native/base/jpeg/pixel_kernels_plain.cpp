// Portable kernels of the pixels of a JPEG, what the others are tested against; and the choice between them.
#define VENEER_TARGET pixels_plain
#include "base/dct.h"
#include "base/jpeg/pixel_kernels_inl.h"

namespace veneer::jpeg {
namespace pixels_plain {

static void inverse(const int16_t* levels, const int16_t* steps, int count, uint8_t* samples, ptrdiff_t stride) {
  for (int i = 0; i < count; ++i) inverse_block(levels + kSteps * i, steps, samples + kSide * i, stride);
}

static void from_rgb(const uint8_t* r, const uint8_t* g, const uint8_t* b, int count, uint8_t* out) {
  interleave_from(0, r, g, b, count, out);
}

static void from_ycc(const uint8_t* y, const uint8_t* cb, const uint8_t* cr, int count, uint8_t* out) {
  uint8_t part[3][kPart];
  for (int i = 0; i < count; i += kPart) {
    const int size = count - i < kPart ? count - i : kPart;
    convert(y + i, cb + i, cr + i, size, part);
    interleave_from(0, part[0], part[1], part[2], size, out + 3 * i);
  }
}

}  // namespace pixels_plain

const PixelKernels& plain_pixel_kernels() {
  using namespace pixels_plain;
  static const PixelKernels table = {inverse, across, down, both, from_ycc, from_rgb};
  return table;
}

const PixelKernels& pixel_kernels() {
  const PixelKernels* const wide = kernels().name[0] == 'a' ? avx2_pixel_kernels() : nullptr;  // avx2 or avx512
  return wide != nullptr ? *wide : plain_pixel_kernels();
}

}  // namespace veneer::jpeg
