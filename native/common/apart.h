// Tables that a build of WebAssembly leaves out (VENEER_TABLES_APART): most of its bytes, and a picture needs few of
// them. wasm/web.cpp takes them when a page has them.
//
// Their numbers: 0 to 3 the warm-start tables of a class of step, 4 that of levels of JPEGs.
#pragma once

#if defined(VENEER_TABLES_APART)

#include <new>

namespace veneer {

constexpr int kJpegTable = 4;
constexpr int kTablesApart = 5;

// Bit n: table n was needed and not there.
inline unsigned lacking_tables = 0;

// Ends a decode as if memory were missing, which nothing within the decoder takes for damage of the file.
[[noreturn]] inline void lack_table(int number) {
  lacking_tables |= 1u << number;
  throw std::bad_alloc();
}

}  // namespace veneer

#endif
