#include "warm_models.h"

#include <algorithm>
#include <cstddef>
#include <iterator>

#include "common/apart.h"

namespace veneer {
namespace {

#if !defined(VENEER_TABLES_APART)
// [class][model], written when building by embed_tables.py.
constexpr uint16_t kWarmTables[] = {
#include "warm_start.inc"
};

static_assert(std::size(kWarmTables) == size_t{kWarmClasses} * kModelCount,
              "docs/tables/warm_start.bin is older than contexts.h: run veneer.training.warm_models");
#endif

uint16_t replacement[kWarmClasses][kModelCount];
bool is_replaced[kWarmClasses];

}  // namespace

const uint16_t* warm_table(int c) {
  if (is_replaced[c]) return replacement[c];
#if defined(VENEER_TABLES_APART)
  lack_table(c);
#else
  return kWarmTables + ptrdiff_t{c} * kModelCount;
#endif
}

void set_warm_table(int c, const uint16_t* entries) {
  std::copy_n(entries, kModelCount, replacement[c]);
  is_replaced[c] = true;
}

void load_warm_models(int step_index, Models* models) {
  const uint16_t* table = warm_table(warm_class(step_index));
  auto* states = reinterpret_cast<BitModel*>(models);
  for (int i = 0; i < kModelCount; ++i) {
    const uint32_t p = (table[i] >> 5) << 11 | 1u << 10;  // middle of the 11-bit class, in 22 bits
    states[i].state = p << 10 | (table[i] & 31u);
  }
}

}  // namespace veneer
