// Boxes of pixels as boxes of units or latents, and widened by what networks see around them.
// Source: docs/format.md, "Inputs of networks", "Latents" and "Running the networks".
#pragma once
#include <algorithm>

#include "common/rect.h"

namespace veneer {

// The squares of `side`, in pixels of `scale` times the box's, that a box touches, counted in squares. Nothing of the box
// is left of or above the picture.
inline Rect cells_of(const Rect& box, int scale, int side) { return squares_of(box.scaled(scale), side); }

// A box with what a network sees around it, as a part of the picture that gives the same pixels as the whole: from
// multiples of `unit`, a multiple of the network's alignment, to multiples of it or to the end of the picture of
// `width` x `height`. `halo` is the network's, or more.
inline Rect widened(const Rect& box, int halo, int unit, int width, int height) {
  const auto before = [&](int first) { return std::max(0, first - halo) / unit * unit; };
  const auto behind = [&](int last, int most) { return std::min((last + halo + unit - 1) / unit * unit, most); };
  const int x = before(box.x), y = before(box.y);
  return {x, y, behind(box.right(), width) - x, behind(box.bottom(), height) - y};
}

}  // namespace veneer
