// Ends the program: for what no file can lead to, where a compiler should leave the code out.
#pragma once
#include "common/inline.h"

#if !defined(__GNUC__)
#include <cstdlib>
#endif

namespace veneer {

[[noreturn]] VENEER_INLINE void stop_here() {
#if defined(__GNUC__)
  __builtin_trap();
#else
  std::abort();
#endif
}

}  // namespace veneer
