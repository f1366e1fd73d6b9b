// A lock of its own kind for builds of one thread (VENEER_ONE_THREAD), as WebAssembly's, whose library has no mutex.
#pragma once

#if defined(VENEER_ONE_THREAD)

namespace veneer {

struct Mutex {};
struct Lock {
  explicit Lock(Mutex&) {}
  ~Lock() {}  // so that an unused variable is no warning
};

}  // namespace veneer

#else

#include <mutex>

namespace veneer {

using Mutex = std::mutex;
using Lock = std::lock_guard<std::mutex>;

}  // namespace veneer

#endif
