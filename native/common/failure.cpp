#include "common/failure.h"

#include <cstdarg>
#include <cstdio>

namespace veneer {
namespace {

Problem formatted(ErrorCode code, int64_t offset, const char* format, va_list values) {
  Problem problem{code, offset, ""};
  std::vsnprintf(problem.message, sizeof problem.message, format, values);
  return problem;
}

}  // namespace

Problem make_problem(ErrorCode code, int64_t offset, const char* format, ...) {
  va_list values;
  va_start(values, format);
  const Problem problem = formatted(code, offset, format, values);
  va_end(values);
  return problem;
}

void fail(ErrorCode code, int64_t offset, const char* format, ...) {
  va_list values;
  va_start(values, format);
  const Problem problem = formatted(code, offset, format, values);
  va_end(values);
  throw Failure(problem);
}

}  // namespace veneer
