#include "base/jpeg/huffman.h"

#include <algorithm>
#include <cstddef>

namespace veneer::jpeg {

size_t read_table(Bytes data, HuffmanTable* table) {
  if (data.size < 16) return 0;
  size_t symbols = 0;
  for (int i = 0; i < 16; ++i) symbols += data[static_cast<size_t>(i)];
  if (symbols > 256 || 16 + symbols > data.size) return 0;
  *table = HuffmanTable();
  std::copy_n(data.data, 16, table->counts + 1);
  std::copy_n(data.data + 16, symbols, table->symbols);
  uint32_t code = 0;
  size_t next = 0;
  for (int length = 1; length <= kLongestCode; ++length, code <<= 1) {
    for (int i = 0; i < table->counts[length]; ++i, ++code) {
      if (code >> length) return 16 + symbols;
      const uint8_t symbol = table->symbols[next++];
      if (table->length[symbol]) continue;
      table->code[symbol] = static_cast<uint16_t>(code);
      table->length[symbol] = static_cast<uint8_t>(length);
    }
  }
  table->valid = true;
  return 16 + symbols;
}

namespace {

constexpr int kLeaves = 257;  // the last stands for the code of ones alone, which no symbol may have

// The two rarest of what is left, of equally rare ones the last.
struct Rarest {
  int first = -1, second = -1;
  explicit Rarest(const uint64_t* counts) {
    for (int i = 0; i < kLeaves; ++i) {
      if (counts[i] == 0) continue;
      if (first < 0 || counts[i] <= counts[first]) {
        second = first;
        first = i;
      } else if (second < 0 || counts[i] <= counts[second]) {
        second = i;
      }
    }
  }
};

// Lengths of codes of Huffman's algorithm. The trees are lists of their leaves.
void code_lengths(uint64_t* counts, int* lengths) {
  int next[kLeaves];
  std::fill_n(next, kLeaves, -1);
  std::fill_n(lengths, kLeaves, 0);
  for (;;) {
    const Rarest rarest(counts);
    if (rarest.second < 0) return;
    counts[rarest.first] += counts[rarest.second];
    counts[rarest.second] = 0;
    int leaf = rarest.first;
    for (++lengths[leaf]; next[leaf] >= 0; ++lengths[leaf]) leaf = next[leaf];
    next[leaf] = rarest.second;
    for (leaf = rarest.second; leaf >= 0; leaf = next[leaf]) ++lengths[leaf];
  }
}

}  // namespace

int optimal_table(const SymbolCounts& counts, uint8_t* out) {
  uint64_t left[kLeaves];
  int lengths[kLeaves];
  std::copy_n(counts.of, 256, left);
  left[256] = 1;
  code_lengths(left, lengths);
  int of_length[kLeaves + 1] = {};
  for (int i = 0; i < kLeaves; ++i) ++of_length[lengths[i]];
  // Pairs of codes that are too long move up: one takes the place of their common front, the other one that of a
  // shorter code, which becomes longer by a bit.
  for (int length = kLeaves - 1; length > kLongestCode; --length) {
    while (of_length[length] > 0) {
      int shorter = length - 2;
      while (of_length[shorter] == 0) --shorter;
      of_length[length] -= 2;
      ++of_length[length - 1];
      of_length[shorter + 1] += 2;
      --of_length[shorter];
    }
  }
  int longest = kLongestCode;
  while (longest > 0 && of_length[longest] == 0) --longest;
  if (longest > 0) --of_length[longest];
  for (int length = 1; length <= kLongestCode; ++length) out[length - 1] = static_cast<uint8_t>(of_length[length]);
  int size = 16;
  for (int length = 1; length < kLeaves; ++length) {
    for (int symbol = 0; symbol < 256; ++symbol) {
      if (lengths[symbol] == length) out[size++] = static_cast<uint8_t>(symbol);
    }
  }
  return size;
}

}  // namespace veneer::jpeg
