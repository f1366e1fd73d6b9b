// SHA-256, which identifies weight files and JPEG files.
// Source: FIPS 180-4.
#pragma once
#include <cstddef>
#include <cstdint>

#include "common/span.h"

namespace veneer {

// Of bytes that come in pieces.
class Sha256 {
 public:
  void add(Bytes data);
  // Writes the 32 bytes of the hash of all that was added. Nothing may be added after it.
  void finish(uint8_t* hash);

 private:
  uint32_t state_[8] = {0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a, 0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19};
  uint64_t size_ = 0;
  uint8_t block_[64] = {};  // what is left of size_ after whole blocks
};

// Writes the 32 bytes of the hash of `data`.
void sha256(Bytes data, uint8_t* hash);

}  // namespace veneer
