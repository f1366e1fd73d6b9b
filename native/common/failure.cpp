#include "common/failure.h"

#include <cstdio>
#include <cstring>

namespace veneer {
namespace {

// Takes off a character of UTF-8 whose end is missing.
void cut_to_characters(char* text) {
  char* last = text + std::strlen(text);
  while (last > text && (*--last & 0xc0) == 0x80) {
  }
  const unsigned char lead = static_cast<unsigned char>(*last);
  const size_t length = lead >= 0xf0 ? 4 : lead >= 0xe0 ? 3 : lead >= 0xc0 ? 2 : 1;
  if (std::strlen(last) < length) *last = 0;
}

}  // namespace

Problem make_problem_of(ErrorCode code, int64_t offset, const char* format, va_list values) {
  Problem problem{code, offset, ""};
  const int length = std::vsnprintf(problem.message, sizeof problem.message, format, values);
  if (length >= static_cast<int>(sizeof problem.message)) cut_to_characters(problem.message);
  return problem;
}

Problem make_problem(ErrorCode code, int64_t offset, const char* format, ...) {
  va_list values;
  va_start(values, format);
  const Problem problem = make_problem_of(code, offset, format, values);
  va_end(values);
  return problem;
}

void fail(ErrorCode code, int64_t offset, const char* format, ...) {
  va_list values;
  va_start(values, format);
  const Problem problem = make_problem_of(code, offset, format, values);
  va_end(values);
  throw Failure(problem);
}

}  // namespace veneer
