#include "enc_alpha.h"

#include "alpha_syntax.h"
#include "enc_bit_io.h"

namespace veneer {

std::vector<uint8_t> encode_alpha(const uint8_t* alpha, ptrdiff_t pixel_stride, ptrdiff_t row_bytes, int w, int h) {
  bool constant = true;
  for (int y = 0; y < h && constant; ++y) {
    for (int x = 0; x < w; ++x) constant &= alpha[y * row_bytes + x * pixel_stride] == alpha[0];
  }
  BitWriter io;
  io.raw(1, !constant);
  if (constant) {
    io.raw(1, alpha[0] != 255);
    if (alpha[0] != 255) io.raw(8, alpha[0]);
    return io.finish();
  }
  const auto load = [&](int y, uint8_t* row) {
    for (int x = 0; x < w; ++x) row[x] = alpha[y * row_bytes + x * pixel_stride];
  };
  alpha::code_rows(io, w, h, load, [](int, const uint8_t*) {});
  io.raw(1, 1);  // keeps the payload from ending in words of 0
  return io.finish();
}

}  // namespace veneer
