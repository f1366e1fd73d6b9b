#include "common/memory.h"

#include <cstdint>
#include <cstdlib>

namespace veneer {
namespace {

const Memory kSystem = {[](void*, size_t size) { return std::malloc(size); },
                        [](void*, void* block) { std::free(block); }, nullptr};

thread_local const Memory* current = &kSystem;

}  // namespace

const Memory& system_memory() { return kSystem; }

const Memory& current_memory() { return *current; }

MemoryScope::MemoryScope(const Memory& memory) : before_(current) { current = &memory; }

MemoryScope::~MemoryScope() { current = before_; }

// A block of a greater alignment than malloc's has the address of what was allocated just before it.
void* take_memory(const Memory& memory, size_t size, size_t alignment) {
  const bool is_usual = alignment <= alignof(std::max_align_t);
  void* block = memory.allocate(memory.opaque, is_usual ? (size ? size : 1) : size + alignment + sizeof(void*));
  if (block == nullptr) throw std::bad_alloc();
  if (is_usual) return block;
  const uintptr_t first = reinterpret_cast<uintptr_t>(block) + sizeof(void*);
  const uintptr_t aligned = (first + alignment - 1) & ~(static_cast<uintptr_t>(alignment) - 1);
  reinterpret_cast<void**>(aligned)[-1] = block;
  return reinterpret_cast<void*>(aligned);
}

void release_memory(const Memory& memory, void* block, size_t alignment) {
  if (block == nullptr) return;
  const bool is_usual = alignment <= alignof(std::max_align_t);
  memory.release(memory.opaque, is_usual ? block : static_cast<void**>(block)[-1]);
}

}  // namespace veneer
