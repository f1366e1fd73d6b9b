#include "container/utf8.h"

namespace veneer {

int32_t next_character(Bytes text, size_t* position) {
  const uint8_t lead = text[*position];
  *position += 1;
  if (lead < 0x80) return lead;
  const int following = lead >= 0xf0 ? 3 : lead >= 0xe0 ? 2 : 1;
  if (lead < 0xc2 || lead > 0xf4 || text.size - *position < static_cast<size_t>(following)) return -1;
  int32_t character = lead & (0x3f >> following);
  for (int i = 0; i < following; ++i) {
    const uint8_t byte = text[*position];
    if ((byte & 0xc0) != 0x80) return -1;
    character = character << 6 | (byte & 0x3f);
    *position += 1;
  }
  constexpr int32_t kLeast[4] = {0, 0x80, 0x800, 0x10000};
  const bool is_surrogate = character >= 0xd800 && character <= 0xdfff;
  return character < kLeast[following] || character > 0x10ffff || is_surrogate ? -1 : character;
}

int64_t count_characters(Bytes text) {
  int64_t count = 0;
  for (size_t position = 0; position < text.size; ++count) {
    if (next_character(text, &position) < 0) return -1;
  }
  return count;
}

}  // namespace veneer
