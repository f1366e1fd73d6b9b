// Runs a fuzz target without a fuzzer: on random inputs that begin with given bytes. For processors that are emulated, and
// for compilers without libFuzzer.
//
//     replay_TARGET COUNT SIZE [BYTE]...
//
// COUNT inputs of up to SIZE random bytes after the bytes given (0..255; -1: random), the same in every run.
// Place: called by .ci/native; linked with one of the sources in native/fuzz.
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <vector>

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size);

namespace {

uint32_t next_number() {  // xorshift64*
  static uint64_t state = 88172645463325252ull;
  state ^= state >> 12;
  state ^= state << 25;
  state ^= state >> 27;
  return static_cast<uint32_t>(state * 0x2545f4914f6cdd1dull >> 32);
}

}  // namespace

int main(int count, char** words) {
  if (count < 3) {
    std::fprintf(stderr, "usage: replay COUNT SIZE [BYTE]...\n");
    return 2;
  }
  const long inputs = std::atol(words[1]), most = std::atol(words[2]);
  for (long i = 0; i < inputs; ++i) {
    std::vector<uint8_t> input;
    for (int k = 3; k < count; ++k) {
      const int byte = std::atoi(words[k]);
      input.push_back(static_cast<uint8_t>(byte < 0 ? next_number() : static_cast<uint32_t>(byte)));
    }
    // Runs of equal bytes are as likely as noise: they give other symbols.
    const int step = next_number() % 2 ? 1 : 0;
    uint8_t byte = 0;
    for (long left = next_number() % static_cast<uint32_t>(most + 1); left > 0; --left) {
      if (step || next_number() % 8 == 0) byte = static_cast<uint8_t>(next_number());
      input.push_back(byte);
    }
    LLVMFuzzerTestOneInput(input.data(), input.size());
  }
  std::printf("%ld inputs\n", inputs);
  return 0;
}
