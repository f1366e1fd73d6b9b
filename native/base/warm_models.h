// Initial state of a tile's models, trained on pictures (src/veneer/training/warm_models.py).
// Source: docs/format.md, "Warm-start tables".
#pragma once
#include "contexts.h"

namespace veneer {

// The tables come in classes of step: below kWarmFirst[1] the first one, and so on.
constexpr int kWarmClasses = 4;
inline constexpr int kWarmFirst[kWarmClasses] = {0, 98, 122, 146};

inline int warm_class(int step_index) {
  int c = kWarmClasses - 1;
  while (step_index < kWarmFirst[c]) --c;
  return c;
}

void load_warm_models(int step_index, Models* models);

// Entries of the table of one class, two bytes each: 11 bits of probability of 1, 5 bits of count. For the tests and
// the training.
const uint16_t* warm_table(int warm_class);
// Replaces a table until the process ends: training only.
void set_warm_table(int warm_class, const uint16_t* entries);

}  // namespace veneer
