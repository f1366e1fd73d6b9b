#include "network/weight_reader.h"

#include <algorithm>
#include <cstdarg>
#include <cstdio>

#include "network/message.h"

namespace veneer {
namespace {

constexpr size_t kLongestName = 63;

bool is_name(Bytes text) {
  const auto allowed = [](uint8_t c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_' || c == '.';
  };
  return !text.empty() && text.size <= kLongestName && std::all_of(text.begin(), text.end(), allowed);
}

}  // namespace

void WeightReader::require(bool condition, const char* format, ...) const {
  if (condition) return;
  char what[2 * sizeof(Problem::message)];
  va_list values;
  va_start(values, format);
  std::vsnprintf(what, sizeof what, format, values);
  va_end(values);
  fail(ErrorCode::kWeightsInvalid, position(), "%s", what);
}

Bytes WeightReader::take(size_t size) {
  need(size);
  position_ += size;
  return file_.part(position_ - size, size);
}

int WeightReader::u16() {
  const Bytes bytes = take(2);
  return bytes[0] | bytes[1] << 8;
}

uint32_t WeightReader::u32() {
  const Bytes bytes = take(4);
  return bytes[0] | uint32_t{bytes[1]} << 8 | uint32_t{bytes[2]} << 16 | uint32_t{bytes[3]} << 24;
}

void WeightReader::name(char* name) {
  const Bytes found = text();
  if (!is_name(found)) {
    MessageText message;
    message.add_quoted(found);
    require(false, "%s is no name", message.text());
  }
  *std::copy(found.begin(), found.end(), name) = 0;
}

}  // namespace veneer
