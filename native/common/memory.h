// Where the decoder takes memory from: the allocator of its caller.
//
// Containers remember the allocator that was current when they were made, so that they may be released later and by
// another thread. The decoder keeps everything in containers of this header; a MemoryScope sets the current allocator.
// Without one it is the system's.
#pragma once
#include <cstddef>
#include <memory>
#include <new>
#include <string>
#include <utility>
#include <vector>

namespace veneer {

struct Memory {
  void* (*allocate)(void* opaque, size_t size);  // aligned as by malloc; nullptr if there is no more
  void (*release)(void* opaque, void* block);    // `block` is never nullptr
  void* opaque;
};

// malloc and free.
const Memory& system_memory();

// That of the innermost scope of this thread.
const Memory& current_memory();

// While it lives, this thread takes memory from `memory`, which must outlive all that is made in the meantime.
class MemoryScope {
 public:
  explicit MemoryScope(const Memory& memory);
  ~MemoryScope();
  MemoryScope(const MemoryScope&) = delete;
  MemoryScope& operator=(const MemoryScope&) = delete;

 private:
  const Memory* before_;
};

// Throws std::bad_alloc. `alignment` is a power of two.
void* take_memory(const Memory& memory, size_t size, size_t alignment);
void release_memory(const Memory& memory, void* block, size_t alignment);

// For containers of the standard library; kAlignment is that of T unless it is greater, as for values that vector
// instructions read.
template <typename T, size_t kAlignment = 0>
class Allocator {
 public:
  using value_type = T;
  using propagate_on_container_move_assignment = std::true_type;
  using propagate_on_container_swap = std::true_type;
  using is_always_equal = std::false_type;
  template <typename U>
  struct rebind {
    using other = Allocator<U, kAlignment>;
  };

  Allocator() : memory_(&current_memory()) {}
  template <typename U>
  Allocator(const Allocator<U, kAlignment>& other) : memory_(&other.memory()) {}  // NOLINT: as containers ask

  T* allocate(size_t count) {
    if (count > static_cast<size_t>(-1) / 2 / sizeof(T)) throw std::bad_alloc();
    return static_cast<T*>(take_memory(*memory_, count * sizeof(T), alignment()));
  }
  void deallocate(T* block, size_t) { release_memory(*memory_, block, alignment()); }
  // A copy uses the current allocator of the thread that makes it.
  Allocator select_on_container_copy_construction() const { return Allocator(); }
  const Memory& memory() const { return *memory_; }

  template <typename U>
  bool operator==(const Allocator<U, kAlignment>& other) const {
    return memory_ == &other.memory();
  }
  template <typename U>
  bool operator!=(const Allocator<U, kAlignment>& other) const {
    return !(*this == other);
  }

 private:
  static constexpr size_t alignment() { return kAlignment > alignof(T) ? kAlignment : alignof(T); }

  const Memory* memory_;
};

template <typename T>
using Vector = std::vector<T, Allocator<T>>;

// A single object. It is given back to the memory that it was taken from.
template <typename T>
struct Release {
  const Memory* memory = nullptr;
  void operator()(T* object) const {
    object->~T();
    release_memory(*memory, object, alignof(T));
  }
};
template <typename T>
using Owned = std::unique_ptr<T, Release<T>>;

template <typename T, typename... Arguments>
Owned<T> make_owned(Arguments&&... arguments) {
  const Memory& memory = current_memory();
  void* block = take_memory(memory, sizeof(T), alignof(T));
  try {
    return Owned<T>(new (block) T(std::forward<Arguments>(arguments)...), Release<T>{&memory});
  } catch (...) {
    release_memory(memory, block, alignof(T));
    throw;
  }
}

// An object with shared ownership.
template <typename T, typename... Arguments>
std::shared_ptr<T> make_shared_object(Arguments&&... arguments) {
  return std::allocate_shared<T>(Allocator<T>(), std::forward<Arguments>(arguments)...);
}

}  // namespace veneer
