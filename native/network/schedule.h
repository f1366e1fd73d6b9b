// Which rows of which tensor are made in which step, and how many of them must be kept.
//
// A network runs over a picture from top to bottom in steps of `strip` picture rows. In each step every
// operation makes exactly the rows that the step's outputs need and that do not exist yet, so that no row is
// computed twice and the result cannot depend on the strip. A tensor keeps only the rows that later
// steps will read again, in a ring.
//
// The first rows of the outputs need many of the tensors before them: a picture's halo. Steps begin so far above the
// picture that no step makes many more rows than any other, which halves the rings.
#pragma once
#include "common/memory.h"
#include "network/graph.h"

namespace veneer::network {

class Schedule {
 public:
  // strip: picture rows, rounded up to a multiple of the alignment; 0: the whole picture.
  Schedule(const Graph& graph, int picture_width, int picture_height, int strip);

  int steps() const { return steps_; }
  // Rows [0, rows_after(step)[tensor]) have been made after `step`; step -1: none.
  Vector<int> rows_after(int step) const;

  int width(int tensor) const { return padded_width_ / graph_.tensors()[tensor].reduction; }
  int height(int tensor) const { return padded_height_ / graph_.tensors()[tensor].reduction; }
  // Rows of the ring; 0 for a tensor that fusing has removed.
  int capacity(int tensor) const { return capacity_[tensor]; }
  // Values from row to row of the ring, one pixel of border on the left and the slack on the right included.
  size_t row_stride(int tensor) const;
  // Bytes of all rings.
  size_t memory_bytes() const;

 private:
  int lead() const;

  const Graph& graph_;
  int padded_width_, padded_height_;
  int strip_, steps_;
  int lead_ = 0;  // picture rows above the picture with which the first step begins; a multiple of strip_
  Vector<int> capacity_;
};

}  // namespace veneer::network
