// What the range encoder does with its words, and the byte form of a finished stream.
#include "entropy/enc_range_coder.h"

namespace veneer {

void RangeEncoder::carry() {
  size_t i = words_.size();
  while (i > 0 && ++words_[--i] == 0) {
  }
}

void RangeEncoder::push() {
  words_.push_back(static_cast<uint32_t>(lower_ >> 32));
  lower_ <<= 32;
}

std::vector<uint8_t> words_to_bytes(const std::vector<uint32_t>& words) {
  std::vector<uint8_t> bytes;
  bytes.reserve(words.size() * 4);
  for (uint32_t word : words) {
    for (int shift = 0; shift < 32; shift += 8) bytes.push_back(static_cast<uint8_t>(word >> shift));
  }
  while (!bytes.empty() && bytes.back() == 0) bytes.pop_back();
  return bytes;
}

}  // namespace veneer
