// Encoder only: rate-distortion optimized quantization of one block of one plane.
#pragma once
#include <cstdint>

#include "dct.h"
#include "enc_cost.h"
#include "neighbourhood.h"

namespace veneer {

// Squared error in levels weighs 1 / lambda_ratio bits: lambda = lambda_ratio q^2.
struct RdoSettings {
  int distortion_weight = 2695;  // 2^16 * 256 / 65536 / lambda_ratio
  int passes = 1;
  int matrix = 0;         // the file's frequency weighting
  bool dependent = true;  // the file's quantization
};

inline int distortion_weight(int lambda_ratio_milli) { return 256 * 1000 / lambda_ratio_milli; }

struct QuantizedBlock {
  int count = 0;
  int64_t cost = 0;                                              // rate plus weighted distortion, 1/256 bits
  alignas(64) int16_t level[kMaxFrequencies * kMaxFrequencies];  // scan order; [count] of them are set
};

// Independent levels. coef: [fh][fw] from EncoderKernels::forward; step_position: as in quantization.h.
void quantize_block(const Models& models, const Costs& costs, const RdoSettings& settings, const BlockShape& shape,
                    int plane, const Expectation& expected, int empty_context, const int32_t* coef, int step_position,
                    QuantizedBlock* out);

// The same by a search over the paths of the dependent quantizer's states. Slower and better: the levels of
// quantize_block() are estimates for decisions, these are for the file.
void quantize_block_dependent(const Models& models, const Costs& costs, const RdoSettings& settings,
                              const BlockShape& shape, int plane, const Expectation& expected, int empty_context,
                              const int32_t* coef, int step_position, QuantizedBlock* out);

// 256 / step of EncoderKernels::forward's coefficients, whose product with an integer below 2^24 is rounded once.
float inverse_step(int position);

// Magnitudes of the coefficients of EncoderKernels::forward in 1/256 of the step at `position`, in scan order.
void scale_coefficients(const int32_t* coef, const BlockShape& shape, int position, int matrix, int32_t* scaled);

// The cells that code_coefficients() would leave.
void cells_of_levels(const BlockShape& shape, const int16_t* level, int count, UnitCells* cells);

}  // namespace veneer
