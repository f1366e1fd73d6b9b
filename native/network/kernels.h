// Kernels of the network engine: interface and function table.
//
// A tensor's row is [pixel][channel] of int16 with channel_stride(channels) values for each pixel; the pixels
// just outside the left and right edge exist in memory and hold copies of the edge pixels, and kSlackPixels
// more may be read (never used) to the right of them.
// Accumulators are int32. The weight reader has proved for every output channel that
//     max|x| * sum|w| + |bias| < 2^31,
// so no order of summation can overflow and every target gives the same bits.
// Source: docs/format.md, "Integer operations".
#pragma once
#include <cstddef>
#include <cstdint>

namespace veneer::network {

constexpr int kChannelBlock = 16;  // widest vector of int32; strides are its multiples
constexpr int kSlackPixels = 12;   // at least the pixels of any register block
constexpr int kMaxKernel = 3;

// Values for each pixel of a row: whole vectors, except for pictures (1 to 4 channels), where they would
// waste most of the memory.
constexpr int channel_stride(int channels) {
  return channels <= 2 ? 2 : channels <= 4 ? 4 : (channels + kChannelBlock - 1) / kChannelBlock * kChannelBlock;
}

// A convolution, depthwise convolution or scale as kernels read it, laid out for one target by packing.h, which owns the
// memory. Plain pointers: what a kernel calls must not be a function that other sources have too (common/inline.h).
struct LinearLayer {
  int kernel;    // 1 or 3
  int channels;  // of the output
  int padded;    // the same as whole vectors of kChannelBlock
  int groups;    // of input channels that one step multiplies
  const int* blocks;
  int block_count;            // of blocks: each is the vectors of output channels in a register block
  const int16_t* weights;     // convolutions: [block][tap][group], then as Layout says
  const int32_t* taps;        // depthwise: [tap][padded], the weight in the low half
  const int32_t* bias;        // [padded], as the following
  const int32_t* multiplier;  // 0..2^shift
  const int32_t* shift;       // 1..30
};

// How convolutions of a target want their weights.
struct Layout {
  int lanes;        // output channels of a vector
  int max_vectors;  // of a register block
  int group;        // input channels of one step
  int run;          // within a group weights are [output channel / run][input channel][output channel % run]
};

// out = clamp((multiplier_a a + multiplier_b b + 2^(shift-1)) >> shift), |multiplier_a| + |multiplier_b| < 2^15,
// shift 0..15 (0: nothing is added).
struct Mix {
  int multiplier_a, multiplier_b, shift;
  int low, high;
};

// One stretch of one output row: pixels first..last-1. Every row pointer is to pixel 0.
struct LinearJob {
  LinearLayer layer;
  const int16_t* rows[kMaxKernel];  // input rows, top to bottom (kernel 1: the first only)
  int in_stride;                    // values from pixel to pixel
  int16_t* out;
  int out_stride;
  int first, last;
  int low, high;            // the result is clamped to this
  const int16_t* residual;  // null, or the second operand of `mix`, strides as `out`
  Mix mix;                  // a: result, b: residual
};

struct Kernels {
  const char* name;  // "scalar", "avx2", "avx512", "neon", "simd128"
  Layout layout;
  void (*convolution)(const LinearJob& job);
  void (*depthwise)(const LinearJob& job);
  void (*mix)(const int16_t* a, const int16_t* b, int count, const Mix& mix, int16_t* out);
  // out = clamp((a b + 2^(shift-1)) >> shift, low, high), shift 0..30 (0: nothing is added).
  void (*multiply)(const int16_t* a, const int16_t* b, int count, int shift, int low, int high, int16_t* out);
  // For benchmarks: multiplies in registers alone, `rounds` times, and returns the number of multiplications:
  // the peak that convolutions are held against.
  int64_t (*multiply_registers)(int rounds);
};

const Kernels* scalar_kernels();
const Kernels* avx2_kernels();  // this and the following: nullptr if this build lacks them
const Kernels* avx512_kernels();
const Kernels* neon_kernels();
const Kernels* simd128_kernels();

// Kernels by name, "auto" for the best; nullptr if this CPU or build lacks them.
const Kernels* find_kernels(const char* name);

// The best, unless choose_kernels() chose others.
const Kernels& chosen_kernels();
// Chooses kernels by name, the best where this CPU or build lacks them, for all that follows. Results do not depend on
// it.
void choose_kernels(const char* name);

}  // namespace veneer::network
