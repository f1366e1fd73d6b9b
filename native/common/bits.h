// What processors do with the bits of a number, and compilers name differently.
//
// Place: bottom of the native core. Always inlined, since sources of SIMD targets call them (inline.h).
#pragma once
#include <cstdint>

#include "common/inline.h"

#if !defined(__GNUC__)
#include <intrin.h>
#endif

namespace veneer {

// The place of the highest bit of value >= 1: 0 for 1.
VENEER_INLINE int highest_bit(uint32_t value) {
#if defined(__GNUC__)
  return 31 - __builtin_clz(value);
#else
  unsigned long place;
  _BitScanReverse(&place, value);
  return static_cast<int>(place);
#endif
}

VENEER_INLINE int highest_bit_64(uint64_t value) {
#if defined(__GNUC__)
  return 63 - __builtin_clzll(value);
#else
  const auto high = static_cast<uint32_t>(value >> 32);
  return high ? 32 + highest_bit(high) : highest_bit(static_cast<uint32_t>(value));
#endif
}

// How many bits are 1.
VENEER_INLINE int count_ones(uint64_t value) {
#if defined(__GNUC__)
  return __builtin_popcountll(value);
#else
  int count = 0;
  for (; value; value &= value - 1) ++count;
  return count;
#endif
}

// Asks for the memory at an address before it is read. It changes no result, whatever the address.
VENEER_INLINE void prefetch([[maybe_unused]] const void* address) {
#if defined(__GNUC__)
  __builtin_prefetch(address);
#elif defined(_M_X64)
  _mm_prefetch(static_cast<const char*>(address), _MM_HINT_T0);
#endif
}

}  // namespace veneer
