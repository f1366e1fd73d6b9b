// Which inputs have shown something new, so that libFuzzer's statistics are only kept of these.
//
// libFuzzer looks up every feature of every input in tables of some megabytes, which takes twice as long as decoding a
// small file. Its counters are emptied here behind an input that has no feature that earlier ones have not had; of such an
// input libFuzzer would have kept nothing. Some keep them, for its choice of what to change next and for smaller inputs
// that do the same.
#pragma once
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <vector>

// The counters of edges, the first and behind the last of the section into which the compiler puts them. It declares the
// names of both by itself where it counts, and takes no other declaration beside; the assembler does.
__asm__(
    ".pushsection .data.rel.ro, \"aw\"\n"
    ".balign 8\n"
    "veneer_fuzz_counters: .quad __start___sancov_cntrs, __stop___sancov_cntrs\n"
    ".popsection\n");
extern "C" uint8_t* const veneer_fuzz_counters[2];

namespace veneer::fuzz {

// What looks at all counters behind each input is not counted and checked itself.
#define VENEER_UNSANITIZED __attribute__((no_sanitize("coverage", "address", "undefined")))

class Novelty {
 public:
  // Notes the features of the input that has just run; whether some are new.
  VENEER_UNSANITIZED bool note() {
    uint8_t* const counters = veneer_fuzz_counters[0];
    uint8_t* const seen = seen_.data();
    const size_t count = seen_.size();
    unsigned fresh = 0;
    for (size_t i = 0; i < count; i += kWord) {
      uint64_t word = 0;
      __builtin_memcpy(&word, counters + i, sizeof word);  // the section of counters is followed by another
      if (word == 0) continue;
      for (size_t k = i; k < i + kWord && k < count; ++k) {
        const unsigned feature = feature_of(counters[k]);
        fresh |= feature & ~unsigned{seen[k]};
        seen[k] = static_cast<uint8_t>(seen[k] | feature);
      }
    }
    return fresh != 0;
  }
  void forget_counters() { std::memset(veneer_fuzz_counters[0], 0, seen_.size()); }

 private:
  static constexpr size_t kWord = sizeof(uint64_t);

  // How often an edge was taken, as libFuzzer divides it: 1, 2, 3, 4, 8, 16, 32, 128 times and more; a bit each.
  VENEER_UNSANITIZED static unsigned feature_of(unsigned count) {
    if (count < 4) return 1u << count >> 1;
    return count < 8 ? 8 : count < 16 ? 16 : count < 32 ? 32 : count < 128 ? 64 : 128;
  }

  std::vector<uint8_t> seen_ =
      std::vector<uint8_t>(static_cast<size_t>(veneer_fuzz_counters[1] - veneer_fuzz_counters[0]));
};

}  // namespace veneer::fuzz
