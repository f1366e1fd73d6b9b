// The two sides of the syntax functions: one reads decisions, one writes them.
// Source: docs/format.md, "Adaptive binary models".
#pragma once
#include <cstdint>

#include "entropy/adaptive.h"
#include "entropy/range_coder.h"

namespace veneer {

class BitReader {
 public:
  static constexpr bool kReads = true;
  BitReader(const uint8_t* data, size_t size) : coder_(data, size) {}

  int bit(BitModel& model, int) {
    const int value = coder_.bit(model.p1());
    model.update(value);
    return value;
  }
  // A decision whose probability of 1 is p1 / 2^16.
  int bit_at(uint32_t p1, int) { return coder_.bit(p1); }
  // The mean of two models.
  int bit(BitModel& a, BitModel& b, int) {
    const int value = coder_.bit(mean_p1(a, b));
    a.update(value);
    b.update(value);
    return value;
  }
  uint32_t raw(int count, uint32_t) { return coder_.raw(count); }
  bool valid() const { return coder_.valid(); }
  bool certain() const { return coder_.certain(); }

 private:
  RangeDecoder coder_;
};

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
