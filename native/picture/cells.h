// The cells of a box as planes of whole cells, of which the picture may cover only a part: where concealment reads
// known pixels and writes lost ones.
//
// T is uint8_t for levels or int16_t for quarters of one. Planes and masks are as in membrane.h; pixels of lost cells
// and outside the picture are 0 and not fixed.
// Source: docs/format.md, "Filling in".
#pragma once
#include <cstdint>

#include "common/image.h"
#include "picture/concealment.h"

namespace veneer {

int count_lost(const View<const uint8_t>& lost);

// The cells that hold all lost ones, of which there is one at least, and those around them.
Rect around_lost(const View<const uint8_t>& lost);

// The value shown where nothing is known at all, in the first `channels` channels.
void fill_with_middle(const View<uint8_t>& samples, int channels);
void fill_with_middle(const View<int16_t>& samples, int channels);

template <typename T>
class CellBox {
 public:
  // samples: those of the hole's region; cells: some of the hole's cells, the box.
  CellBox(const View<T>& samples, const Hole& hole, const Rect& cells);

  // All cells of the box. Rectangles of cells are counted from its corner.
  Rect cells() const { return lost_.size(); }
  bool any_lost(const Rect& cells) const;
  bool all_lost(const Rect& cells) const;

  // Pixels of some cells at work.
  Image<int16_t> pixels(int channel, const Rect& cells) const;
  // Their means over squares of 1 << log2_scale, 0..2, a side.
  static Image<int16_t> means(const Image<int16_t>& pixels, int log2_scale);
  // Which of these squares are known throughout.
  Image<int16_t> known(const Rect& cells, int log2_scale) const;
  // Of all cells, the means of the known pixels in squares of 8, 0 if there are none.
  Image<int16_t> coarse_means(int channel) const;
  // Which of these squares have one at least.
  Image<int16_t> coarse_known() const;

  // Writes those pixels of `cells` that are lost; `values` are the pixels of the cells `wide`.
  void store(int channel, const Rect& cells, const Rect& wide, const View<const int16_t>& values) const;

 private:
  bool is_lost(int x, int y) const { return *lost_.at(x, y) != 0; }
  // The pixels of a cell that the picture has, counted from the corner of the box.
  Rect picture_in(int x, int y) const;
  // A sample, its place counted in the same way.
  T* sample(int channel, int x, int y) const { return samples_.at(x - picture_.x, y - picture_.y) + channel; }

  View<T> samples_;
  View<const uint8_t> lost_;
  Rect picture_;  // where it lies, from the corner of the box
};

extern template class CellBox<uint8_t>;
extern template class CellBox<int16_t>;

}  // namespace veneer
