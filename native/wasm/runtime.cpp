// Parts of the C and C++ library that would need a system, or bring much that the decoder does not use.
//
// Linked before the libraries, whose own are then left out: those write messages to files, and demangle names for them.
// What cannot go on ends with a trap, which is an exception of JavaScript.
#include <cstdlib>
#include <exception>
#include <new>

extern "C" {

void abort() { __builtin_trap(); }

void __cxa_pure_virtual() { __builtin_trap(); }

[[noreturn]] void __abort_message(const char*, ...) { __builtin_trap(); }

}  // extern "C"

namespace std {

[[noreturn]] void terminate() noexcept { __builtin_trap(); }

inline namespace _LIBCPP_ABI_NAMESPACE {

[[noreturn]] void __libcpp_verbose_abort(const char*, ...) noexcept { __builtin_trap(); }

}  // namespace _LIBCPP_ABI_NAMESPACE

}  // namespace std

// The decoder takes its memory by common/memory.h. These are here for destructors that could delete, and for sorting.
void* operator new(size_t size) {
  void* const block = std::malloc(size ? size : 1);
  if (block == nullptr) throw std::bad_alloc();
  return block;
}

void* operator new(size_t size, const std::nothrow_t&) noexcept { return std::malloc(size ? size : 1); }

void operator delete(void* block) noexcept { std::free(block); }

void operator delete(void* block, size_t) noexcept { std::free(block); }
