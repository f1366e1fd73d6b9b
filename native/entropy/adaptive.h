// Adaptive model of one binary decision.
//
// A state of 32 bits holds the probability of 1 (22 bits) above the number of decisions seen (10 bits); the
// step of adaptation is 1 / (count + 1.6), down to 1 / (limit + 1.6): a running mean first, exponential
// forgetting later. The top 16 bits of the state, made odd so that neither symbol is impossible, go to the
// range coder.
// Source: docs/format.md, "Adaptive binary models".
#pragma once
#include <cstdint>

#include "common/inline.h"

namespace veneer {

constexpr int kCountLimit = 255;

// round(2^16 / (n + 1.6)), as the exact integer quotient round(655360 / (10 n + 16)).
struct Rates {
  uint16_t of[kCountLimit + 1];  // by the number of decisions
};
constexpr Rates make_rates() {
  Rates rates{};
  for (int n = 0; n <= kCountLimit; ++n) {
    rates.of[n] = static_cast<uint16_t>((655360 + (10 * n + 16) / 2) / (10 * n + 16));
  }
  return rates;
}
inline constexpr auto kRates = make_rates();

struct BitModel {
  uint32_t state;

  VENEER_INLINE uint32_t p1() const { return state >> 16 | 1; }

  // limit: where the count ends, at most kCountLimit.
  VENEER_INLINE void update(int bit, uint32_t limit = kCountLimit) {
    const uint32_t count = state & 1023;
    const int32_t p = static_cast<int32_t>(state >> 10);
    const int32_t target = bit ? (1 << 22) - 1 : 0;
    const int32_t step = static_cast<int32_t>((static_cast<int64_t>(target - p) * kRates.of[count]) >> 16);
    state = static_cast<uint32_t>(p + step) << 10 | (count + (count < limit));
  }
};

constexpr BitModel kFreshModel{uint32_t{1} << 31};  // one half, and no decision seen

VENEER_INLINE uint32_t mean_p1(const BitModel& a, const BitModel& b) {
  return ((a.state >> 16) + (b.state >> 16)) >> 1 | 1;
}

}  // namespace veneer
