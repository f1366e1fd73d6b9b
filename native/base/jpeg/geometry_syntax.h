// Geometry and quantization tables of a JPEG as they stand in a file, for reading and writing.
// Source: docs/format.md, "Geometry".
#pragma once
#include <algorithm>
#include <cstdint>

#include "base/bit_io.h"
#include "base/jpeg/image.h"
#include "base/jpeg/zigzag.h"

namespace veneer::jpeg {

// Annex K.1 of the standard, in zigzag order.
inline constexpr uint8_t kStandardTables[2][kBlockSize] = {
    {16, 11,  12, 14, 12, 10, 16,  14,  13,  14, 18, 17,  16,  19,  24,  40,  26, 24,  22,  22, 24, 49,
     35, 37,  29, 40, 58, 51, 61,  60,  57,  51, 56, 55,  64,  72,  92,  78,  64, 68,  87,  69, 55, 56,
     80, 109, 81, 87, 95, 98, 103, 104, 103, 62, 77, 113, 121, 112, 100, 120, 92, 101, 103, 99},
    {17, 18, 18, 24, 21, 24, 47, 26, 26, 47, 99, 66, 56, 66, 99, 99, 99, 99, 99, 99, 99, 99,
     99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99,
     99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99}};

// Place k of the zigzag order of a standard table at a quality of 1..100.
inline int scaled_step(int kind, int quality, int k) {
  const int percent = quality < 50 ? 5000 / quality : 200 - 2 * quality;
  return std::clamp((kStandardTables[kind][k] * percent + 50) / 100, 1, 255);
}

struct TableModels {
  static constexpr int kSizes = 18;
  BitModel changes, sign[2], size[kSizes];
  TableModels() {
    changes = sign[0] = sign[1] = kFreshModel;
    std::fill_n(size, kSizes, kFreshModel);
  }
};

// What a step differs by from the one before it.
template <class Io>
int code_change(Io& io, TableModels& models, int k, int change) {
  if (!io.bit(models.changes, change != 0)) return 0;
  const int sign = io.bit(models.sign[k >= 10], change < 0);
  const uint32_t magnitude = static_cast<uint32_t>(change < 0 ? -change : change);
  int size = 0;
  while (size < 16 && io.bit(models.size[size], (magnitude >> (size + 1)) != 0)) ++size;
  const uint32_t value = 1u << size | io.raw(size, magnitude & ((1u << size) - 1));
  return sign ? -static_cast<int>(value) : static_cast<int>(value);
}

// `steps` are in natural order. kind and quality are those of a standard table, or kind is -1. False where a step is not
// within 1..65535.
template <class Io>
bool code_table(Io& io, TableModels& models, int kind, int quality, uint16_t* steps) {
  if (io.raw(1, kind >= 0)) {
    kind = static_cast<int>(io.raw(1, static_cast<uint32_t>(kind)));
    quality = static_cast<int>(io.raw(7, static_cast<uint32_t>(quality)));
    if (quality < 1 || quality > 100) return false;
    for (int k = 0; k < kBlockSize; ++k) steps[kNaturalOrder[k]] = static_cast<uint16_t>(scaled_step(kind, quality, k));
    return true;
  }
  int before = 16;
  for (int k = 0; k < kBlockSize; ++k) {
    before += code_change(io, models, k, steps[kNaturalOrder[k]] - before);
    if (before < 1 || before > 65535) return false;
    steps[kNaturalOrder[k]] = static_cast<uint16_t>(before);
  }
  return true;
}

// All but tables. Sets the geometry when it reads.
template <class Io>
bool code_geometry(Io& io, Image* image) {
  const auto number = [&](int bits, int& value) {
    value = static_cast<int>(io.raw(bits, static_cast<uint32_t>(value)));
  };
  number(3, image->count);
  if (image->count == 0) return true;
  if (image->count > kMaxComponents) return false;
  number(16, image->width);
  number(16, image->height);
  if (image->width == 0 || image->height == 0) return false;
  int plain = 1;
  for (int i = 0; i < image->count; ++i) plain &= image->component[i].id == i + 1;
  number(1, plain);
  for (int i = 0; i < image->count; ++i) {
    Component& c = image->component[i];
    if (plain) {
      c.id = i + 1;
    } else {
      number(8, c.id);
    }
    int h = c.h - 1, v = c.v - 1;
    number(2, h);
    number(2, v);
    c.h = h + 1;
    c.v = v + 1;
    number(2, c.table);
  }
  if (image->count > 2) {
    const int first = static_cast<int>(image->count == 3 ? Colour::kYcc : Colour::kCmyk);
    int other = static_cast<int>(image->colour) - first;
    number(1, other);
    image->colour = static_cast<Colour>(first + other);
  }
  set_geometry(image);
  return true;
}

}  // namespace veneer::jpeg
