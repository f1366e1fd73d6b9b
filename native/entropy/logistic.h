// The logistic domain, in which predictions of a decision are mixed: tables from probabilities to logits and back.
//
// Place: used by all mixing of contexts: that of alpha planes, screen content and lossless tiles.
// Source: docs/format.md, "Mixing".
#pragma once
#include <array>
#include <cstddef>
#include <cstdint>

namespace veneer {

constexpr int kMaxLogit = 12 << 8;  // logits are in 1/256

// round(65536 / (1 + exp(-j / 4))) at j = 0 .. 48, at most 65535.
inline constexpr int32_t kLogisticKnots[49] = {32768, 36843, 40793, 44511, 47911, 50941, 53581, 55834, 57724, 59287,
                                               60565, 61598, 62428, 63090, 63615, 64030, 64357, 64614, 64816, 64974,
                                               65097, 65194, 65269, 65328, 65374, 65410, 65438, 65459, 65476, 65489,
                                               65500, 65508, 65514, 65519, 65523, 65526, 65528, 65530, 65531, 65532,
                                               65533, 65534, 65534, 65535, 65535, 65535, 65535, 65535, 65535};

// Probability in 1/65536 of a logit of -kMaxLogit .. kMaxLogit: linear between the knots.
constexpr int32_t logistic(int32_t logit) {
  const int32_t d = logit < 0 ? -logit : logit;
  const int32_t j = d >> 6, fraction = d & 63;
  const int32_t p =
      j == 48 ? kLogisticKnots[48] : (kLogisticKnots[j] * (64 - fraction) + kLogisticKnots[j + 1] * fraction + 32) >> 6;
  return logit < 0 ? 65536 - p : p;
}

constexpr std::array<uint16_t, 2 * kMaxLogit + 1> make_logistic_table() {
  std::array<uint16_t, 2 * kMaxLogit + 1> table{};
  for (int32_t d = -kMaxLogit; d <= kMaxLogit; ++d) {
    table[static_cast<size_t>(d + kMaxLogit)] = static_cast<uint16_t>(logistic(d));
  }
  return table;
}
inline constexpr auto kLogistic = make_logistic_table();

// The inverse for the middles of 4096 intervals of probability: the smallest logit that reaches them.
constexpr std::array<int16_t, 4096> make_logit_table() {
  std::array<int16_t, 4096> table{};
  int32_t logit = -kMaxLogit;
  for (int32_t i = 0; i < 4096; ++i) {
    while (kLogistic[static_cast<size_t>(logit + kMaxLogit)] < 16 * i + 8) ++logit;
    table[static_cast<size_t>(i)] = static_cast<int16_t>(logit);
  }
  return table;
}
inline constexpr auto kLogit = make_logit_table();

}  // namespace veneer
