// Functions that are always inlined, so that no object file defines them as a symbol.
//
// Place: parts of kernels, which are fast only when inlined, and members of shared structures that sources of a SIMD
// target call. The linker keeps one definition of an inline function with external linkage: with that of a SIMD source,
// all callers would run its instructions, on processors that lack them too (tests/test_simd_symbols.py).
#pragma once

#if defined(_MSC_VER)
#define VENEER_INLINE __forceinline
#else
#define VENEER_INLINE inline __attribute__((always_inline))
#endif
