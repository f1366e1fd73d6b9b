// Pieces of work that may run in parallel, and what runs them.
#pragma once
#include <atomic>
#include <exception>
#include <type_traits>
#include <utility>

#include "common/memory.h"

namespace veneer {

// A callable that outlives the call that it is given to; nothing is copied.
template <typename Signature>
class FunctionRef;
template <typename Result, typename... Arguments>
class FunctionRef<Result(Arguments...)> {
 public:
  template <typename Callable, typename = std::enable_if_t<!std::is_same<std::decay_t<Callable>, FunctionRef>::value>>
  FunctionRef(Callable&& callable)  // NOLINT: meant to be implicit
      : object_(const_cast<void*>(static_cast<const void*>(&callable))), call_([](void* object, Arguments... values) {
          return static_cast<Result>((*static_cast<std::remove_reference_t<Callable>*>(object))(values...));
        }) {}
  Result operator()(Arguments... values) const { return call_(object_, values...); }

 private:
  void* object_;
  Result (*call_)(void*, Arguments...);
};

class Runner {
 public:
  virtual ~Runner() = default;
  // About how many pieces are worked on at the same time, at least 1.
  virtual int threads() const = 0;
  // Calls work(0) .. work(count - 1), count < 2^20, in any order, on any threads, and returns when all are done. `work`
  // must not throw: run_parallel() sees to that.
  virtual void run(int count, FunctionRef<void(int)> work) = 0;
};

// Runs everything on the calling thread.
class SameThread final : public Runner {
 public:
  int threads() const override { return 1; }
  void run(int count, FunctionRef<void(int)> work) override {
    for (int i = 0; i < count; ++i) work(i);
  }
};

// Runs pieces with the caller's allocator. The first exception is rethrown; pieces not begun by then are skipped.
template <typename Work>
void run_parallel(Runner& runner, int count, const Work& work) {
  if (count == 1) return work(0);
#if defined(VENEER_ONE_THREAD)
  SameThread().run(count, work);  // what it throws goes through; the caller's threads would not be others
  (void)runner;
#else
  const Memory& memory = current_memory();
  std::exception_ptr failure;
  std::atomic<bool> failed{false};
  runner.run(count, [&](int i) {
    if (failed) return;
    const MemoryScope scope(memory);
    try {
      work(i);
    } catch (...) {
      if (!failed.exchange(true)) failure = std::current_exception();
    }
  });
  if (failure) std::rethrow_exception(failure);
#endif
}

}  // namespace veneer
