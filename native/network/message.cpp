#include "network/message.h"

#include <algorithm>
#include <cstdarg>
#include <cstdio>

namespace veneer {

void MessageText::add(const char* format, ...) {
  va_list values;
  va_start(values, format);
  const size_t room = sizeof text_ - size_;
  const int length = std::vsnprintf(text_ + size_, room, format, values);
  va_end(values);
  if (length > 0) size_ += std::min(static_cast<size_t>(length), room - 1);
}

void MessageText::add_quoted(Bytes text) {
  const bool single = std::find(text.begin(), text.end(), '\'') != text.end();
  const char quote = single && std::find(text.begin(), text.end(), '"') == text.end() ? '"' : '\'';
  add("%c", quote);
  for (const uint8_t byte : text) {
    if (byte == quote || byte == '\\') {
      add("\\%c", byte);
    } else if (byte == '\n' || byte == '\r' || byte == '\t') {
      add("\\%c", byte == '\n' ? 'n' : byte == '\r' ? 'r' : 't');
    } else if (byte >= 0x80) {
      add("\xef\xbf\xbd");
    } else if (byte < 0x20 || byte == 0x7f) {
      add("\\x%02x", byte);
    } else {
      add("%c", byte);
    }
  }
  add("%c", quote);
}

}  // namespace veneer
