#include "alpha.h"

#include "alpha_syntax.h"

namespace veneer {

bool decode_alpha(const uint8_t* data, size_t size, int w, int h, uint8_t* out, ptrdiff_t pixel_stride,
                  ptrdiff_t row_bytes) {
  BitReader io(data, size);
  const auto store = [&](int y, const uint8_t* row) {
    for (int x = 0; x < w; ++x) out[y * row_bytes + x * pixel_stride] = row[x];
  };
  if (io.raw(1, 0)) return alpha::code_rows(io, w, h, [](int, uint8_t*) {}, store) && io.raw(1, 0) == 1 && io.valid();
  const auto value = static_cast<uint8_t>(io.raw(1, 0) ? io.raw(8, 0) : 255);
  const Vector<uint8_t> row(static_cast<size_t>(w), value);
  for (int y = 0; y < h; ++y) store(y, row.data());
  return io.valid();
}

}  // namespace veneer
