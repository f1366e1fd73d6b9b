// VENEER_UNROLL(n) before a loop of a constant number of turns: it is written out up to n times, so that arrays of
// vectors become registers. Compilers that do not know it decide by themselves, with the same result.
//
// Place: loops of SIMD kernels.
#pragma once

#if defined(__GNUC__)
#define VENEER_PRAGMA(text) _Pragma(#text)
#define VENEER_UNROLL(count) VENEER_PRAGMA(GCC unroll count)
#else
#define VENEER_UNROLL(count)
#endif
