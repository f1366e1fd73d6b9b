// The stages that turn the base picture into pixels, and which part of the base a region needs.
//
// base -> restore and filters -> texture, or base -> interpolation, or the base alone. Each stage says how far it sees,
// to which unit its parts are aligned, and how much larger its result is; regions are folded through the list from
// its end to the base.
// Source: docs/format.md, "Running the networks", "Texture" and "Base picture alone".
#pragma once
#include <array>

#include "common/rect.h"
#include "container/contents.h"
#include "network/networks.h"

namespace veneer {

struct Stage {
  int border;  // pixels of its own size around one that have an influence on it
  int unit;    // its parts begin at multiples of this
  int scale;   // sides of its result over sides of what it is made of
};

// The stages of a picture in the order in which they run.
class Stages {
 public:
  // The base picture alone, or brought to full size.
  explicit Stages(const Head& head);
  // Enhanced by networks, with texture where realism, 0..64, asks for some and there is a network for it.
  Stages(const Head& head, const Networks& networks, int realism);

  // The part of its result that stage `index` must make for a region of the picture; that of the base where `index` is
  // -1. All lie within the picture that networks run on.
  Rect region_of(int index, const Rect& region) const;
  int count() const { return count_; }

 private:
  void add(const Stage& stage) { stages_[count_++] = stage; }
  void set_size(const Head& head);

  std::array<Stage, 2> stages_;
  int count_ = 0;
  int width_, height_;  // of the full size: the base picture's times its scale
};

// The pixels of the base picture that a region of the full size touches.
Rect over(int scale, const Rect& region);

}  // namespace veneer
