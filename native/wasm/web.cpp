// What a page needs beside the C interface: functions that take a callback, without one, since JavaScript cannot give C
// a function without a table; and the tables that the module was built without.
//
// Place: exported by the WebAssembly module (wasm/build.py).
#include <cstdlib>
#include <cstring>

#include "common/apart.h"
#include "include/veneer/decode.h"

#if defined(VENEER_TABLES_APART)
#include "base/contexts.h"
#include "base/jpeg/level_tables.h"
#include "base/warm_models.h"
#include "common/crc32c.h"
#endif

namespace {

struct Collected {
  uint8_t* data = nullptr;
  size_t size = 0, capacity = 0;
};

int collect(void* opaque, const uint8_t* data, size_t size) {
  auto& all = *static_cast<Collected*>(opaque);
  if (size > all.capacity - all.size) {
    size_t capacity = all.capacity ? all.capacity : 1 << 16;
    while (capacity < all.size + size) {
      if (capacity > SIZE_MAX / 2) return 0;
      capacity *= 2;
    }
    auto* const grown = static_cast<uint8_t*>(std::realloc(all.data, capacity));
    if (grown == nullptr) return 0;
    all.data = grown;
    all.capacity = capacity;
  }
  std::memcpy(all.data + all.size, data, size);
  all.size += size;
  return 1;
}

uint8_t* collected(VeneerDecoder* decoder, size_t* size, VeneerStatus (*pieces)(VeneerDecoder*, VeneerWrite, void*)) {
  Collected all;
  if (pieces(decoder, collect, &all) != VENEER_OK) {
    std::free(all.data);
    return nullptr;
  }
  *size = all.size;
  return all.data;
}

#if defined(VENEER_TABLES_APART)

struct Apart {
  size_t size;
  uint32_t crc;
};

// Written by build.py.
constexpr Apart kApart[veneer::kTablesApart] = {
#include "apart.inc"
};
constexpr int kUntrainedCode = 32;
constexpr uint16_t kUntrainedEntry = 1024 << 5;

// Undoes packed_warm_table() of build.py; false where `size` cannot be that of such a table.
bool unpack_warm_table(const uint8_t* data, size_t size, uint16_t* entries) {
  constexpr size_t kCount = veneer::kModelCount;
  size_t next[kUntrainedCode + 1] = {};  // of each count the entries, then the place of the next one
  for (size_t i = 0; i < kCount; ++i) {
    if (data[i] > kUntrainedCode) return false;
    ++next[data[i]];
  }
  const size_t trained = kCount - next[kUntrainedCode];
  if (size != kCount + 2 * trained) return false;
  for (size_t count = 0, first = 0; count < kUntrainedCode; ++count) {
    const size_t those = next[count];
    next[count] = first;
    first += those;
  }
  const uint8_t* const upper = data + kCount;
  const uint8_t* const lower = upper + trained;
  for (size_t i = 0; i < kCount; ++i) {
    const int count = data[i];
    if (count == kUntrainedCode) {
      entries[i] = kUntrainedEntry;
      continue;
    }
    const size_t at = next[count]++;
    entries[i] = static_cast<uint16_t>((upper[at] << 3 | lower[at]) << 5 | count);
  }
  return true;
}

#endif

}  // namespace

extern "C" {

#if defined(VENEER_TABLES_APART)

// The tables that decoders lacked, as bits, since the module was started or the tables were given. Where a function says
// VENEER_NO_MEMORY and this is not 0, give the tables, and decode with a new decoder.
VENEER_API unsigned veneer_web_lacking_tables(void) { return veneer::lacking_tables; }

// Takes table `number`, 0..4, which build.py wrote as table-NUMBER.bin; aligned for uint16_t. VENEER_MISUSE: this is not
// the one that the module was built with. VENEER_NO_MEMORY: there is none.
VENEER_API VeneerStatus veneer_web_set_table(int number, const uint8_t* data, size_t size) {
  if (number < 0 || number >= veneer::kTablesApart || size != kApart[number].size) return VENEER_MISUSE;
  if (veneer::crc32c(data, size) != kApart[number].crc) return VENEER_MISUSE;
#if defined(VENEER_BASE_ONLY)
  if (number == veneer::kJpegTable) return VENEER_MISUSE;
#else
  if (number == veneer::kJpegTable) {
    veneer::jpeg::set_level_tables(reinterpret_cast<const uint16_t*>(data));
    veneer::lacking_tables &= ~(1u << number);
    return VENEER_OK;
  }
#endif
  auto* const entries = static_cast<uint16_t*>(std::malloc(sizeof(uint16_t) * veneer::kModelCount));
  if (entries == nullptr) return VENEER_NO_MEMORY;
  const bool is_table = size >= veneer::kModelCount && unpack_warm_table(data, size, entries);
  if (is_table) {
    veneer::set_warm_table(number, entries);
    veneer::lacking_tables &= ~(1u << number);
  }
  std::free(entries);
  return is_table ? VENEER_OK : VENEER_MISUSE;
}

#endif

// veneer_decoder_jpeg() as one block, which the caller gives back with free(); null where that fails, and
// veneer_decoder_error() says why, or nothing where memory was missing.
VENEER_API uint8_t* veneer_web_jpeg(VeneerDecoder* decoder, size_t* size) {
  return collected(decoder, size, veneer_decoder_jpeg);
}

// The same of veneer_decoder_jpeg_front().
VENEER_API uint8_t* veneer_web_jpeg_front(VeneerDecoder* decoder, size_t* size) {
  return collected(decoder, size, veneer_decoder_jpeg_front);
}

}  // extern "C"
