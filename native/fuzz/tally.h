// An allocator of the decoder's caller that counts and has a limit, on top of AddressSanitizer's.
#pragma once
#include <sanitizer/allocator_interface.h>
#include <sanitizer/asan_interface.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <vector>

#include "fuzz/fuzz_input.h"
#include "include/veneer/decode.h"

namespace veneer::fuzz {

// Blocks that AddressSanitizer would map anew and unmap each time, which takes as long as decoding a small file. They are
// kept, and what of them is not in use may not be touched.
class LargeBlocks {
 public:
  static constexpr size_t kLeast = size_t{1} << 17;

  void* allocate(size_t size) {
    const auto fits = [&](const Block& block) { return !block.used && block.room >= size && block.room / 2 <= size; };
    auto block = std::find_if(blocks_.begin(), blocks_.end(), fits);
    if (block == blocks_.end()) {
      if (blocks_.size() >= kMost) return std::malloc(size);
      blocks_.push_back({std::malloc(size + kBehind), size, 0, false});
      block = blocks_.end() - 1;
    }
    block->size = size;
    block->used = true;
    ASAN_POISON_MEMORY_REGION(block->data, block->room + kBehind);
    ASAN_UNPOISON_MEMORY_REGION(block->data, size);
    return block->data;
  }
  // Whether it was one of them; `size` is what was asked for.
  bool release(void* data, size_t* size) {
    const auto block =
        std::find_if(blocks_.begin(), blocks_.end(), [&](const Block& each) { return each.data == data && each.used; });
    if (block == blocks_.end()) return false;
    ASAN_POISON_MEMORY_REGION(block->data, block->room + kBehind);
    *size = block->size;
    Block free = *block;
    free.used = false;
    blocks_.erase(block);  // the one that waits longest is the next to be used
    blocks_.push_back(free);
    return true;
  }

 private:
  static constexpr size_t kMost = 16, kBehind = 256;
  struct Block {
    void* data;
    size_t room, size;
    bool used;
  };
  std::vector<Block> blocks_;
};

struct Tally {
  size_t blocks = 0, bytes = 0, allocations_left = SIZE_MAX;
  bool refused = false;

  VeneerAllocator allocator() {
    return {this, [](void* own, size_t size) { return static_cast<Tally*>(own)->allocate(size); },
            [](void* own, void* block) { static_cast<Tally*>(own)->release(block); }};
  }

 private:
  static constexpr size_t kMostMemory = size_t{256} << 20;

  static LargeBlocks& large() {
    static auto& blocks = *new LargeBlocks;  // never released: no leak
    return blocks;
  }
  void* allocate(size_t size) {
    if (allocations_left == 0 || size > kMostMemory - bytes) {
      refused = true;
      return nullptr;
    }
    --allocations_left;
    ++blocks;
    bytes += size;
    return size >= LargeBlocks::kLeast ? large().allocate(size) : std::malloc(size);
  }
  void release(void* block) {
    promise(block != nullptr && blocks > 0, "only blocks are given back");
    --blocks;
    size_t size = 0;
    if (large().release(block, &size)) {
      bytes -= size;
    } else {
      bytes -= __sanitizer_get_allocated_size(block);
      std::free(block);
    }
  }
};

}  // namespace veneer::fuzz
