// Rows of a component's samples, made of its levels when they are asked for, and enlarged to the size of the picture.
//
// Place: between the kernels and pixels.cpp.
// Source: docs/format.md, "Pixels of a JPEG".
#pragma once
#include <cstdint>

#include "base/jpeg/image.h"
#include "base/jpeg/pixel_kernels.h"
#include "common/memory.h"

namespace veneer::jpeg {

// How a component becomes as large as the picture.
enum class Enlarging { kNone, kAcross, kDown, kBoth, kRepeat };

// What follows from the sampling of a component.
struct Sampling {
  int h = 1, v = 1, h_most = 1, v_most = 1;
  int width = 0, height = 0;  // samples that belong to the picture
  Enlarging enlarging = Enlarging::kNone;

  Sampling(const Image& image, int component);
  bool reads_rows_around() const { return enlarging == Enlarging::kDown || enlarging == Enlarging::kBoth; }
  bool reads_columns_around() const { return enlarging == Enlarging::kAcross || enlarging == Enlarging::kBoth; }
  // The sample of a pixel, without interpolation.
  int row_of(int y) const { return y * v / v_most; }
  int column_of(int x) const { return x * h / h_most; }
};

// Samples of a component for columns [left, right) of the picture. Rows must be asked for in rising order, or nearly so:
// two rows of blocks are kept.
class SampleRows {
 public:
  SampleRows(const Image& image, int component, int left, int right);

  // Samples of the picture's row y: right - left of them, valid until the next call.
  const uint8_t* enlarged(int y);

 private:
  // Sample row r from the sample of column `left` on; one more sample is known on each side.
  const uint8_t* row(int r);
  void make_blocks(int block_row, uint8_t* samples);

  const PixelKernels& kernels_;
  const Component& component_;
  Sampling sampling_;
  int left_, right_;
  int first_, last_;          // columns of samples, without those around
  int first_block_, blocks_;  // in each row of blocks
  ptrdiff_t stride_;
  int16_t steps_[kBlockSize];
  int held_[2] = {-1, -1};  // rows of blocks in samples_, by their parity
  Vector<uint8_t> samples_;
  Vector<uint8_t> enlarged_;
  Vector<uint16_t> sums_;
};

}  // namespace veneer::jpeg
