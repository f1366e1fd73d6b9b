// Encoder only: a writer that keeps its decisions and their cost, to be written or thrown away later.
#pragma once
#include <cstdint>
#include <vector>

#include "enc_bit_io.h"
#include "enc_cost.h"

namespace veneer {

class BitRecorder {
 public:
  static constexpr bool kReads = false;

  int bit(BitModel& model, int value) {
    bit_at(model.p1(), value);
    model.update(value);
    return value;
  }
  int bit(BitModel& a, BitModel& b, int value) {
    bit_at(mean_p1(a, b), value);
    a.update(value);
    b.update(value);
    return value;
  }
  int bit_at(uint32_t p1, int value) {
    decisions_.push_back(p1 << 1 | static_cast<uint32_t>(value));
    cost_ += table_[value ? p1 >> 4 : 4095 - (p1 >> 4)];
    return value;
  }
  uint32_t raw(int count, uint32_t value) {
    for (int i = count - 1; i >= 0; --i) decisions_.push_back(value >> i & 1);
    cost_ += count * kBit;
    return value;
  }

  int64_t cost() const { return cost_; }  // 1/256 bits
  void clear() {
    decisions_.clear();
    cost_ = 0;
  }
  void write_to(BitWriter& io) const {
    for (const uint32_t decision : decisions_) {
      const int value = static_cast<int>(decision & 1);
      if (decision >> 1) {
        io.bit_at(decision >> 1, value);
      } else {
        io.raw(1, decision);
      }
    }
  }

 private:
  const uint16_t* table_ = cost_table().data();
  std::vector<uint32_t> decisions_;  // p1 << 1 | value; p1 is 0 for raw bits
  int64_t cost_ = 0;
};

}  // namespace veneer
