#include "enc_cost.h"

namespace veneer {
namespace {

// -log2(p / 2^16) in 1/256 bits, by repeated squaring of a Q31 mantissa.
uint16_t cost_of(uint32_t p) {
  int whole = 16;
  uint64_t x = p;
  while (x < (uint64_t{1} << 31)) x <<= 1;
  for (uint32_t t = p; t > 1; t >>= 1) --whole;
  // x in [2^31, 2^32) stands for 1 <= m < 2; fraction bits of log2 m, ten of them.
  int fraction = 0;
  for (int i = 0; i < 10; ++i) {
    x = (x * x) >> 31;
    fraction <<= 1;
    if (x >= (uint64_t{1} << 32)) {
      x >>= 1;
      fraction |= 1;
    }
  }
  return static_cast<uint16_t>((whole * 1024 - fraction + 2) >> 2);
}

std::array<uint16_t, 4096> make_table() {
  std::array<uint16_t, 4096> table{};
  for (uint32_t i = 0; i < 4096; ++i) table[i] = cost_of(i * 16 + 8);
  return table;
}

}  // namespace

const std::array<uint16_t, 4096>& cost_table() {
  static const auto table = make_table();
  return table;
}

}  // namespace veneer
