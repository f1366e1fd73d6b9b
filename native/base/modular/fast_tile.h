// A tile in the fast form: its memory, and what is beyond the ends of rows.
// Source: docs/format.md, "Fast form".
#pragma once
#include "base/modular/fast_state.h"
#include "common/memory.h"

namespace veneer::modular::fast {

class Tile {
 public:
  // Planes are numbered as they are coded; `plans` has one for each.
  Tile(const Planes& planes, const Plan* plans);

  PlaneState* planes() { return planes_; }

  // Calls code(c, y) for all rows in the order in which they are coded: each plane is a row behind the one before it.
  // before(c, y, row) and after(c, y, row) get the samples, less the middle. Stops where code() gives false.
  template <class Before, class Code, class After>
  bool for_each_row(Before before, Code code, After after) {
    for (int step = 0; step < height_ + count_ - 1; ++step) {
      for (int c = 0; c < count_; ++c) {
        const int y = step - c;
        if (y == height_) repeat_last_row(c);
        if (y < 0 || y >= height_) continue;
        begin_row(c, y);
        before(c, y, planes_[c].sample[y & (kRing - 1)]);
        if (!code(c, y)) return false;
        end_row(c, y);
        after(c, y, planes_[c].sample[y & (kRing - 1)]);
      }
    }
    return true;
  }

 private:
  void begin_row(int c, int y);
  void end_row(int c, int y);
  void repeat_last_row(int c);

  int width_, height_, count_;
  PlaneState planes_[kMostPlanes];
  Vector<int16_t> samples_;
  Vector<uint16_t> errors_, sizes_;
  Vector<uint8_t> signs_;
  Vector<int32_t> numbers_;
  Vector<BitModel> models_;
};

}  // namespace veneer::modular::fast
