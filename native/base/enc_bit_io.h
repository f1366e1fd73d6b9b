// The writing side of the syntax functions.
// Source: docs/format.md, "Adaptive binary models".
#pragma once
#include <cstdint>
#include <vector>

#include "bit_io.h"
#include "entropy/enc_range_coder.h"

namespace veneer {

// Decisions seen under each model, for training warm-start tables.
struct DecisionCounts {
  uint32_t zeros = 0, ones = 0;
};

class BitWriter {
 public:
  static constexpr bool kReads = false;
  // counts, where given, is indexed like the models that start at `first`.
  explicit BitWriter(const BitModel* first = nullptr, DecisionCounts* counts = nullptr)
      : first_(first), counts_(counts) {}

  int bit(BitModel& model, int value) {
    coder_.bit(value, model.p1());
    if (counts_) ++(value ? counts_[&model - first_].ones : counts_[&model - first_].zeros);
    model.update(value);
    return value;
  }
  int bit_at(uint32_t p1, int value) {
    coder_.bit(value, p1);
    return value;
  }
  int bit(BitModel& a, BitModel& b, int value) {
    coder_.bit(value, mean_p1(a, b));
    if (counts_) {
      for (const BitModel* model : {&a, &b}) ++(value ? counts_[model - first_].ones : counts_[model - first_].zeros);
    }
    a.update(value);
    b.update(value);
    return value;
  }
  uint32_t raw(int count, uint32_t value) {
    coder_.raw(value, count);
    return value;
  }
  std::vector<uint8_t> finish() { return words_to_bytes(coder_.finish()); }

 private:
  RangeEncoder coder_;
  const BitModel* first_;
  DecisionCounts* counts_;
};

}  // namespace veneer
