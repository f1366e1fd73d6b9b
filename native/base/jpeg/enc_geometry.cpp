#include "base/jpeg/enc_geometry.h"

#include <vector>

#include "base/enc_bit_io.h"
#include "base/jpeg/geometry_syntax.h"

namespace veneer::jpeg {
namespace {

// kind and quality of the standard table that is the same; kind -1 if none is.
void find_standard(const uint16_t* steps, int* kind, int* quality) {
  for (*kind = 0; *kind < 2; ++*kind) {
    for (*quality = 1; *quality <= 100; ++*quality) {
      int k = 0;
      while (k < kBlockSize && steps[kNaturalOrder[k]] == scaled_step(*kind, *quality, k)) ++k;
      if (k == kBlockSize) return;
    }
  }
  *kind = -1;
}

}  // namespace

Vector<uint8_t> encode_geometry(const Image& image) {
  const auto copy = make_owned<Image>();
  int tables = 0;
  copy->width = image.width;
  copy->height = image.height;
  copy->count = image.count;
  copy->colour = image.colour;
  for (int i = 0; i < image.count; ++i) {
    copy->component[i].id = image.component[i].id;
    copy->component[i].h = image.component[i].h;
    copy->component[i].v = image.component[i].v;
    copy->component[i].table = image.component[i].table;
    tables = std::max(tables, image.component[i].table + 1);
  }
  BitWriter io;
  code_geometry(io, copy.get());
  TableModels models;
  for (int t = 0; t < tables; ++t) {
    uint16_t steps[kBlockSize];
    std::copy_n(image.quantization[t], kBlockSize, steps);
    int kind = 0, quality = 0;
    find_standard(steps, &kind, &quality);
    code_table(io, models, kind, kind < 0 ? 0 : quality, steps);
  }
  const std::vector<uint8_t> bytes = io.finish();
  return Vector<uint8_t>(bytes.begin(), bytes.end());
}

}  // namespace veneer::jpeg
