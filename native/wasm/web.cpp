// What a page needs beside the C interface: functions that take a callback, without one.
//
// Place: exported by the WebAssembly module (wasm/build.py). JavaScript cannot give C a function without a table.
#include <cstdlib>
#include <cstring>

#include "include/veneer/decode.h"

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

}  // namespace

extern "C" {

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
