// The samples of planes: how they stand to those of the picture.
// Source: docs/format.md, "Samples of planes".
#pragma once
#include <algorithm>
#include <cstdint>

namespace veneer {

constexpr int kFirstFineDepth = 11;  // bits of a sample from which planes have four more binary places

struct SampleRange {
  int fraction;  // binary places after the levels of 8 bits
  int shift;     // of samples of planes against those of the picture, -2..5
  int top;       // of Y, from 0
  int widest;    // of Co and Cg, to either side
  int extra;     // fraction - 2

  int low(int plane) const { return plane == 0 ? 0 : -widest; }
  int high(int plane) const { return plane == 0 ? top : widest; }
  int middle(int plane) const { return plane == 0 ? 128 << fraction : 0; }
  bool fine() const { return extra != 0; }

  // A sample of the picture for a value of planes, which need not lie in the range.
  int pixel(int value) const {
    value = std::clamp(value, 0, top);
    return shift >= 0 ? (value + (1 << shift >> 1)) >> shift : value << -shift | value >> (14 + shift);
  }
  // A sample of planes for one of the picture.
  int sample(int pixel) const {
    return shift >= 0 ? pixel << shift : std::min((pixel + (1 << -shift >> 1)) >> -shift, top);
  }
};

// depth: 8..16, bits of a sample of the picture.
constexpr SampleRange range_of_depth(int depth) {
  SampleRange range{};
  range.fraction = depth < kFirstFineDepth ? 2 : 6;
  range.shift = range.fraction + 8 - depth;
  range.top = range.shift >= 0 ? ((1 << depth) - 1) << range.shift : 16383;
  range.widest = range.top >> 1;
  range.extra = range.fraction - 2;
  return range;
}

}  // namespace veneer
