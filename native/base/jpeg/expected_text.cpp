#include "base/jpeg/expected_text.h"

#include "base/jpeg/headers.h"
#include "base/jpeg/zigzag.h"

namespace veneer::jpeg {
namespace {

constexpr uint8_t kDictionary[] = {
#include "jpeg_dictionary.inc"
};
constexpr size_t kLastPart = 446;  // Huffman tables and the header of a scan
constexpr size_t kBeginning = 20;  // of a file: SOI and APP0, just before the last part

void add_two(int value, Vector<uint8_t>* out) {
  out->push_back(static_cast<uint8_t>(value >> 8));
  out->push_back(static_cast<uint8_t>(value));
}

void add_tables(const Image& image, Vector<uint8_t>* out) {
  int tables = 0;
  for (int i = 0; i < image.count; ++i)
    tables = image.component[i].table >= tables ? image.component[i].table + 1 : tables;
  for (int t = 0; t < tables; ++t) {
    bool wide = false;
    for (const uint16_t step : image.quantization[t]) wide |= step > 255;
    add_two(0xff00 | kMarkerDqt, out);
    add_two(3 + kBlockSize * (wide ? 2 : 1), out);
    out->push_back(static_cast<uint8_t>(t | (wide ? 16 : 0)));
    for (const uint8_t place : kNaturalOrder) {
      const uint16_t step = image.quantization[t][place];
      if (wide) out->push_back(static_cast<uint8_t>(step >> 8));
      out->push_back(static_cast<uint8_t>(step));
    }
  }
}

void add_frame(const Image& image, Vector<uint8_t>* out) {
  add_two(0xffc0, out);
  add_two(8 + 3 * image.count, out);
  out->push_back(8);
  add_two(image.height, out);
  add_two(image.width, out);
  out->push_back(static_cast<uint8_t>(image.count));
  for (int i = 0; i < image.count; ++i) {
    const Component& c = image.component[i];
    out->push_back(static_cast<uint8_t>(c.id));
    out->push_back(static_cast<uint8_t>(c.h << 4 | c.v));
    out->push_back(static_cast<uint8_t>(c.table));
  }
}

}  // namespace

ExpectedText expected_text(const Image& geometry) {
  ExpectedText text;
  const uint8_t* const last = kDictionary + sizeof kDictionary - kLastPart;
  text.bytes.assign(kDictionary, last);
  text.start = text.bytes.size() - kBeginning;
  add_tables(geometry, &text.bytes);
  if (geometry.count > 0) add_frame(geometry, &text.bytes);
  text.bytes.insert(text.bytes.end(), last, last + kLastPart);
  return text;
}

}  // namespace veneer::jpeg
