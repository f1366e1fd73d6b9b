// Encoder only: what decisions cost, in 1/256 bits, under frozen models.
#pragma once
#include <array>
#include <cstdint>

#include "coefficients.h"
#include "contexts.h"

namespace veneer {

constexpr int kBit = 256;  // one bit

// cost[p >> 4] = -log2(p / 2^16) in 1/256 bits. Computed with integers, so that encoders agree everywhere.
const std::array<uint16_t, 4096>& cost_table();

class Costs {
 public:
  Costs() : table_(cost_table().data()) {}
  int bit(const BitModel& model, int value) const {
    const uint32_t p = model.state >> 20;
    return table_[value ? p : 4095 - p];
  }
  int bit(const BitModel& a, const BitModel& b, int value) const {
    const uint32_t p = ((a.state >> 16) + (b.state >> 16)) >> 5;
    return table_[value ? p : 4095 - p];
  }
  template <size_t N>
  int tree(const BitModel (&a)[N], const BitModel (&b)[N], int bits, int value) const {
    int node = 1, cost = 0;
    while (bits-- > 0) {
      const int v = (value >> bits) & 1;
      cost += bit(a[node], b[node], v);
      node = node << 1 | v;
    }
    return cost;
  }
  template <size_t N>
  int tree(const BitModel (&models)[N], int bits, int value) const {
    int node = 1, cost = 0;
    while (bits-- > 0) {
      const int b = (value >> bits) & 1;
      cost += bit(models[node], b);
      node = node << 1 | b;
    }
    return cost;
  }
  // Of code_magnitude() and the sign.
  int magnitude(const Models& m, int quantizer, int plane, int shape_class, int diagonal, int energy, int near,
                int magnitude) const {
    const BitModel& first = m.greater1[quantizer][plane][diagonal3(diagonal)][energy];
    const BitModel& nearby = m.greater1_nearby[plane][shape_class][near];
    if (magnitude == 1) return kBit + bit(first, nearby, 0);
    int cost = kBit + bit(first, nearby, 1);
    const int kind = plane > 0;
    int value = 2;
    for (int k = 0; k < kUnaryLevels; ++k, ++value) {
      const int more = magnitude > value;
      cost += bit(m.greater[kind][k][energy], more);
      if (!more) return cost;
    }
    const int rest = magnitude - value;
    int bits = 0;
    while (bits < kEscapeBits - 2 && rest + 1 >= 2 << bits) cost += bit(m.escape[kind][energy / 3][bits++], 1);
    if (bits < kEscapeBits - 2) cost += bit(m.escape[kind][energy / 3][bits], 0);
    return cost + bits * kBit;
  }
  // Of code_last() for a block that is not empty.
  int last(const Models& m, const BlockShape& shape, int plane, int energy, int bucket) const {
    const int kind = plane > 0;
    int cost = tree(m.last[kind][shape.shape_class][energy >> 1], 5, bucket - 1);
    const int bits = bucket_first(bucket) >= shape.count ? 0 : bucket_bits(bucket);
    return cost + bits * kBit;
  }

 private:
  const uint16_t* table_;
};

}  // namespace veneer
