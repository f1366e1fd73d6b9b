#include "container/metadata.h"

#include <algorithm>
#include <cstring>
#include <iterator>

#include "common/failure.h"
#include "common/limits.h"
#include "container/utf8.h"

namespace veneer {
namespace {

bool is_printable_latin(int32_t c) { return (c >= 0x20 && c <= 0x7e) || (c >= 0xa1 && c <= 0xff); }

// Throws Failure unless `keyword`, which is UTF-8, can be the keyword of text `number`.
void check_keyword(Bytes keyword, int number, int64_t offset) {
  const int64_t count = count_characters(keyword);
  if (count < 1 || count > kMaxKeywordLength) {
    fail(ErrorCode::kFieldValue, offset, "the keyword of text %d of tEXT has %lld characters, but must have 1..%d",
         number, static_cast<long long>(count), kMaxKeywordLength);
  }
  bool has_odd_space = keyword[0] == ' ' || keyword[keyword.size - 1] == ' ';
  int32_t before = 0;
  for (size_t position = 0; position < keyword.size;) {
    const int32_t character = next_character(keyword, &position);
    if (!is_printable_latin(character)) {
      fail(ErrorCode::kFieldValue, offset,
           "the keyword of text %d of tEXT has a character that is no printable one of Latin-1", number);
    }
    has_odd_space = has_odd_space || (character == ' ' && before == ' ');
    before = character;
  }
  if (has_odd_space) {
    fail(ErrorCode::kFieldValue, offset,
         "the keyword of text %d of tEXT begins or ends with a space, or has two in a row", number);
  }
}

void check_text(Bytes file, const TextEntry& entry, int number, int64_t offset) {
  const Bytes keyword = entry.keyword.in(file), text = entry.text.in(file);
  if (count_characters(keyword) < 0 || count_characters(text) < 0) {
    fail(ErrorCode::kFieldValue, offset, "text %d of tEXT is no UTF-8", number);
  }
  check_keyword(keyword, number, offset);
  if (!text.empty() && std::memchr(text.data, 0, text.size) != nullptr) {
    fail(ErrorCode::kFieldValue, offset, "text %d of tEXT has a NUL", number);
  }
}

}  // namespace

int metadata_index(uint32_t type) {
  const uint32_t* found = std::find(std::begin(kMetadataTypes), std::end(kMetadataTypes), type);
  return found == std::end(kMetadataTypes) ? -1 : static_cast<int>(found - kMetadataTypes);
}

Vector<TextEntry> read_texts(Bytes file, const Extent& payload) {
  Vector<TextEntry> texts;
  FieldReader reader(file, payload);
  while (!reader.is_at_end()) {
    FieldValue values[kMaxFields];
    reader.read(kTextSyntax, values);
    if (texts.size() == kMaxTexts) {
      fail(ErrorCode::kMetadataTooLarge, payload.offset, "tEXT has more than the %d texts allowed", kMaxTexts);
    }
    texts.push_back({values[1].bytes, values[3].bytes});
  }
  for (size_t i = 0; i < texts.size(); ++i) check_text(file, texts[i], static_cast<int>(i), payload.offset);
  return texts;
}

void read_density(Bytes file, const Extent& payload, Metadata* metadata) {
  FieldValue values[kMaxFields];
  read_structure(kDensitySyntax, file, payload, values);
  metadata->has_density = true;
  metadata->unit = static_cast<int>(values[0].number);
  metadata->density_x = static_cast<uint32_t>(values[1].number);
  metadata->density_y = static_cast<uint32_t>(values[2].number);
}

ContentLight read_content_light(Bytes file, const Extent& payload) {
  FieldValue values[kMaxFields];
  read_structure(kContentLightSyntax, file, payload, values);
  return {static_cast<int>(values[0].number), static_cast<int>(values[1].number)};
}

MasteringVolume read_mastering_volume(Bytes file, const Extent& payload) {
  FieldValue values[kMaxFields];
  read_structure(kMasteringVolumeSyntax, file, payload, values);
  MasteringVolume volume;
  for (int i = 0; i < MasteringVolume::kNumbers; ++i) volume.numbers[i] = static_cast<uint32_t>(values[i].number);
  return volume;
}

CodedGainMap read_gain_map(Bytes file, const Extent& payload) {
  FieldValue values[kMaxFields];
  read_structure(kGainMapSyntax, file, payload, values);
  CodedGainMap map;
  map.metadata_kind = static_cast<int>(values[0].number);
  map.metadata = values[2].bytes;
  for (int i = 0; i < 4; ++i) map.colour[i] = static_cast<int>(values[3 + i].number);
  map.alternate_icc = values[8].bytes;
  map.picture = values[9].bytes;
  return map;
}

Vector<uint8_t> gain_map_picture(Bytes file, const CodedGainMap& map) {
  const Bytes stored = map.picture.in(file);
  Vector<uint8_t> picture(stored.size);
  std::transform(stored.begin(), stored.end(), picture.begin(), [](uint8_t byte) { return byte ^ 0x80; });
  return picture;
}

}  // namespace veneer
