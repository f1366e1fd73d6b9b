// Encoder only: quantize_block() of one pass for independent levels, at low efforts.
#pragma once
#include <cstdint>
#include <vector>

#include "enc_rdoq.h"

namespace veneer {

// What quantization at low efforts looks up, for a file's frequency weighting.
class FastQuantizer {
 public:
  FastQuantizer(int matrix, int distortion_weight);

  // As quantize_block(); of the two levels next to a coefficient the smaller is tried only where the larger exceeds it.
  void quantize(const Models& models, const Costs& costs, const BlockShape& shape, int plane,
                const Expectation& expected, int empty_context, const int32_t* coef, int step_position,
                QuantizedBlock* out) const;

  // Estimated cost, in 1/256 bits, of coefficients at a step position: the sum of a log2(1 + b x^2) over the levels x,
  // which for small ones is their squared error and for large ones about two bits an octave.
  int64_t estimate(const int32_t* coef, const BlockShape& shape, int step_position) const;

 private:
  // One position of a scan.
  struct Position {
    uint16_t raster, padded;
    uint16_t significant;  // 24 x diagonal class
    uint8_t nearby;        // 8 x bucket
    uint8_t cell, diagonal;
  };
  // relative: the step at frequency 0 over each coefficient's own, in raster order; empty where all are the same.
  struct Shape {
    std::vector<Position> positions;
    std::vector<float> relative;
  };

  const Shape& shape_of(const BlockShape& shape) const { return shapes_[shape.log2_w - 2][shape.log2_h - 2]; }

  int weight_, slope_;
  Shape shapes_[5][5];
};

}  // namespace veneer
