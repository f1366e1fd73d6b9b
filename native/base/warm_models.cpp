#include "warm_models.h"

#include <algorithm>
#include <vector>

namespace veneer {
namespace {

#include "warm_tables_generated.inc"

static_assert(sizeof kWarmTables / sizeof kWarmTables[0][0] == size_t{kWarmClasses} * kModelCount,
              "warm_tables_generated.inc is older than contexts.h: run veneer.training.warm_models");

std::vector<uint16_t> replaced[kWarmClasses];

}  // namespace

const uint16_t* warm_table(int c) { return replaced[c].empty() ? kWarmTables[c] : replaced[c].data(); }

void set_warm_table(int c, const uint16_t* entries) { replaced[c].assign(entries, entries + kModelCount); }

void load_warm_models(int step_index, Models* models) {
  const uint16_t* table = warm_table(warm_class(step_index));
  auto* states = reinterpret_cast<BitModel*>(models);
  for (int i = 0; i < kModelCount; ++i) {
    const uint32_t p = (table[i] >> 5) << 11 | 1u << 10;  // middle of the 11-bit class, in 22 bits
    states[i].state = p << 10 | (table[i] & 31u);
  }
}

}  // namespace veneer
