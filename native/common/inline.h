// Functions that are never a symbol of their own.
//
// Place: parts of kernels, which are only fast as one piece, and members of shared structures that sources of a SIMD
// target call: an inline function of external linkage that such a source defines may be the one that the linker takes
// for all, and then runs on processors that lack its instructions (tests/test_simd_symbols.py).
#pragma once

#if defined(_MSC_VER)
#define VENEER_INLINE __forceinline
#else
#define VENEER_INLINE inline __attribute__((always_inline))
#endif
