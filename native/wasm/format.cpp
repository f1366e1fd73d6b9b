// snprintf and vsnprintf as far as the decoder uses them: %s %c %d %u %x %%, with 0 and a width, of int, long, long long
// and size_t. The C library's would bring its files, which need a system, and more code than the container has.
//
// tests/wasm/test_formats.py holds the texts of the core to these. Any other conversion is a trap.
#include <cstdarg>
#include <cstddef>
#include <cstdint>
#include <cstring>

namespace {

// Keeps what fits, and counts everything.
class Text {
 public:
  Text(char* out, size_t room) : out_(out), room_(room) {}

  void put(char c) {
    if (length_ + 1 < room_) out_[length_] = c;
    ++length_;
  }

  void put_number(uint64_t value, bool is_negative, unsigned base, int width, char fill) {
    char digits[24];
    int count = 0;
    do {
      digits[count++] = "0123456789abcdef"[value % base];
      value /= base;
    } while (value != 0);
    if (is_negative) digits[count++] = '-';
    for (int i = count; i < width; ++i) put(fill);
    while (count > 0) put(digits[--count]);
  }

  int end() {
    if (room_ > 0) out_[length_ < room_ ? length_ : room_ - 1] = 0;
    return static_cast<int>(length_);
  }

 private:
  char* out_;
  size_t room_, length_ = 0;
};

}  // namespace

extern "C" {

int vsnprintf(char* out, size_t room, const char* format, va_list values) {
  Text text(out, room);
  for (; *format != 0; ++format) {
    if (*format != '%') {
      text.put(*format);
      continue;
    }
    ++format;
    const char fill = *format == '0' ? '0' : ' ';
    int width = 0;
    for (; *format >= '0' && *format <= '9'; ++format) width = width * 10 + *format - '0';
    int longs = 0;  // 2: long long; long and size_t are as int here
    for (; *format == 'l' || *format == 'z'; ++format) longs += *format == 'l';
    switch (*format) {
      case 's':
        for (const char* c = va_arg(values, const char*); *c != 0; ++c) text.put(*c);
        break;
      case 'c':
        text.put(static_cast<char>(va_arg(values, int)));
        break;
      case 'd': {
        const int64_t value = longs > 1 ? va_arg(values, long long) : va_arg(values, int);
        text.put_number(value < 0 ? -static_cast<uint64_t>(value) : value, value < 0, 10, width, fill);
        break;
      }
      case 'u':
      case 'x': {
        const uint64_t value = longs > 1 ? va_arg(values, unsigned long long) : va_arg(values, unsigned);
        text.put_number(value, false, *format == 'x' ? 16 : 10, width, fill);
        break;
      }
      case '%':
        text.put('%');
        break;
      default:
        __builtin_trap();
    }
  }
  return text.end();
}

int snprintf(char* out, size_t room, const char* format, ...) {
  va_list values;
  va_start(values, format);
  const int length = vsnprintf(out, room, format, values);
  va_end(values);
  return length;
}

}  // extern "C"
