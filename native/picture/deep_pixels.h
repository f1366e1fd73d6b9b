// The last step of pictures of more than 8 bits: what networks made at 8 bits, less the quarters that they saw, added to
// the exact base picture.
// Source: docs/format.md, "Deep pictures".
#pragma once
#include "common/image.h"

namespace veneer {

// A part of a deep base picture: exact values of its planes, and the quarters of a level made of them. It owns nothing.
struct DeepBase {
  View<const int16_t> exact, quarters;
  int depth = 8;

  DeepBase part(const Rect& box) const { return {exact.part(box), quarters.part(box), depth}; }
};

// made: 1/64 of a level. pixels: samples of the depth as bytes; further channels, such as alpha, keep their values. All
// have the same size.
void to_deep_pixels(const View<const int16_t>& made, const DeepBase& base, const View<uint8_t>& pixels);

}  // namespace veneer
