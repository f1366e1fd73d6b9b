#include "base/jpeg/geometry.h"

#include "base/jpeg/geometry_syntax.h"

namespace veneer::jpeg {

bool decode_geometry(Bytes data, Image* image) {
  BitReader io(data.data, data.size);
  *image = Image();
  if (!code_geometry(io, image)) return false;
  int tables = 0;
  for (int i = 0; i < image->count; ++i) tables = std::max(tables, image->component[i].table + 1);
  TableModels models;
  for (int t = 0; t < tables; ++t) {
    if (!code_table(io, models, 0, 0, image->quantization[t])) return false;
  }
  return io.valid();
}

}  // namespace veneer::jpeg
