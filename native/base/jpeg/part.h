// A part of a JPEG, some of its MCUs, as a picture of its own.
//
// Source: docs/format.md, "Tiles of a JPEG".
#pragma once
#include <algorithm>

#include "base/jpeg/image.h"
#include "common/rect.h"

namespace veneer::jpeg {

inline int mcu_width(const Image& image) { return 8 * image.h_most; }
inline int mcu_height(const Image& image) { return 8 * image.v_most; }

// The pixels of a picture that MCUs cover.
inline Rect pixels_of(const Image& image, const Rect& mcus) {
  const int w = mcu_width(image), h = mcu_height(image);
  return intersection({mcus.x * w, mcus.y * h, mcus.width * w, mcus.height * h}, {0, 0, image.width, image.height});
}

// A picture of these MCUs, which lie within that of `geometry`: its components, tables and colour, and no levels.
inline Image geometry_of_part(const Image& geometry, const Rect& mcus) {
  const Rect box = pixels_of(geometry, mcus);
  Image part;
  part.width = box.width;
  part.height = box.height;
  part.count = geometry.count;
  part.colour = geometry.colour;
  for (int i = 0; i < geometry.count; ++i) {
    part.component[i].id = geometry.component[i].id;
    part.component[i].h = geometry.component[i].h;
    part.component[i].v = geometry.component[i].v;
    part.component[i].table = geometry.component[i].table;
  }
  std::copy(&geometry.quantization[0][0], &geometry.quantization[0][0] + 4 * kBlockSize, &part.quantization[0][0]);
  set_geometry(&part);
  return part;
}

inline void clear_levels(const Rect& mcus, Image* image) {
  for (int i = 0; i < image->count; ++i) {
    Component& component = image->component[i];
    const int h = image->count > 1 ? component.h : 1, v = image->count > 1 ? component.v : 1;
    const auto count = static_cast<size_t>(mcus.width * h) * kBlockSize;
    for (int row = mcus.y * v; row < mcus.bottom() * v; ++row) {
      std::fill_n(component.block(row, mcus.x * h), count, int16_t{0});
    }
  }
}

}  // namespace veneer::jpeg
