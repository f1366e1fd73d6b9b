// Huffman tables of a JPEG.
// Source: ITU-T T.81, annex C and K.2; docs/format.md, "Script".
#pragma once
#include <cstdint>

#include "common/span.h"

namespace veneer::jpeg {

constexpr int kLongestCode = 16;

struct HuffmanTable {
  bool valid = false;
  uint8_t counts[kLongestCode + 1] = {};  // codes of each length; counts[0] is 0
  uint8_t symbols[256] = {};              // in the order of their codes
  uint16_t code[256] = {};                // of each symbol: the first, if the table has it several times
  uint8_t length[256] = {};               // 0: the symbol has no code
};

// Reads 16 counts and the symbols they announce. Returns the bytes that they take, 0 if `data` end before. A table
// that has more codes of a length than there can be comes out as not valid.
size_t read_table(Bytes data, HuffmanTable* table);

// How often each symbol is written.
struct SymbolCounts {
  uint32_t of[256] = {};
};

// Writes the counts and symbols of the table that is best for such a use, as they stand in a DHT segment: as annex K.2
// of the standard has it, where of equally rare symbols the greatest comes first. Returns their bytes, 16 + symbols.
constexpr int kMostTableBytes = 16 + 256;
int optimal_table(const SymbolCounts& counts, uint8_t* out);

}  // namespace veneer::jpeg
