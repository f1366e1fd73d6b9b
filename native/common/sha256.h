// SHA-256, which identifies weight files.
// Source: FIPS 180-4.
#pragma once
#include "common/span.h"

namespace veneer {

// Writes the 32 bytes of the hash of `data`.
void sha256(Bytes data, uint8_t* hash);

}  // namespace veneer
