// Kernels of the integer inference engine: interface and function table.
//
// A tensor's row is [pixel][channel] of int16 with channel_stride(channels) values for each pixel; the pixels
// just outside the left and right edge exist in memory and hold copies of the edge pixels, and kSlackPixels
// more may be read (never used) to the right of them.
// Accumulators are int32. The weight reader has proved for every output channel that
//     max|x| * sum|w| + |bias| < 2^31,
// so no order of summation can overflow and every target gives the same bits.
// Source: docs/format.md, "Integer operations".
#pragma once
#include <cstdint>
#include <memory>
#include <new>
#include <vector>

namespace veneer::inference {

constexpr int kChannelBlock = 16;  // widest vector of int32; strides are its multiples
constexpr int kSlackPixels = 12;   // at least the pixels of any register block
constexpr int kMaxKernel = 3;

// Values for each pixel of a row: whole vectors, except for pictures (1 to 4 channels), where they would
// waste most of the memory.
constexpr int channel_stride(int channels) {
  return channels <= 2 ? 2 : channels <= 4 ? 4 : (channels + kChannelBlock - 1) / kChannelBlock * kChannelBlock;
}

// Memory that starts on a cache line.
template <typename T>
struct LineAllocator {
  using value_type = T;
  static constexpr std::align_val_t kLine{64};
  LineAllocator() = default;
  template <typename U>
  LineAllocator(const LineAllocator<U>&) {}
  T* allocate(size_t n) { return static_cast<T*>(::operator new(n * sizeof(T), kLine)); }
  void deallocate(T* p, size_t) { ::operator delete(p, kLine); }
  friend bool operator==(LineAllocator, LineAllocator) { return true; }
  friend bool operator!=(LineAllocator, LineAllocator) { return false; }
};
template <typename T>
using AlignedVector = std::vector<T, LineAllocator<T>>;

// A convolution (or depthwise convolution, or scale) as the weight file has it.
struct LinearWeights {
  int in_channels, out_channels;
  int kernel;                       // 1 or 3
  std::vector<int16_t> weights;     // [out][in][kernel][kernel]; depthwise: [out][kernel][kernel]
  std::vector<int32_t> bias;        // [out]
  std::vector<int32_t> multiplier;  // [out], 0..2^shift
  std::vector<uint8_t> shift;       // [out], 1..30
};

// The same, laid out by and for one target.
struct PackedLinear {
  int kernel;
  int channels;                    // of the output
  int groups;                      // of input channels that one step multiplies
  std::vector<int> blocks;         // vectors of output channels in each register block
  AlignedVector<int16_t> weights;  // convolutions: order of the target
  AlignedVector<int32_t> taps;     // depthwise: [tap][channel], the weight in the low half
  AlignedVector<int32_t> bias;     // this and the following: [channel], padded to kChannelBlock
  AlignedVector<int32_t> multiplier;
  AlignedVector<int32_t> shift;
};

// out = clamp((multiplier_a a + multiplier_b b + 2^(shift-1)) >> shift), |multiplier_a| + |multiplier_b| < 2^15,
// shift 0..15 (0: nothing is added).
struct Mix {
  int multiplier_a, multiplier_b, shift;
  int low, high;
};

// One stretch of one output row: pixels first..last-1. Every row pointer is to pixel 0.
struct LinearJob {
  const PackedLinear* layer;
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
  const char* name;  // "scalar", "avx2", "avx512", "neon"
  PackedLinear (*pack_convolution)(const LinearWeights& source);
  void (*convolution)(const LinearJob& job);
  void (*depthwise)(const LinearJob& job);
  void (*mix)(const int16_t* a, const int16_t* b, int count, const Mix& mix, int16_t* out);
  // out = clamp((a b + 2^(shift-1)) >> shift, low, high), shift 0..30 (0: nothing is added).
  void (*multiply)(const int16_t* a, const int16_t* b, int count, int shift, int low, int high, int16_t* out);
  // For benchmarks: multiplies in registers alone, `rounds` times, and returns the number of multiplications:
  // the peak that convolutions are held against.
  int64_t (*multiply_registers)(int rounds);
};

// Layout of depthwise layers and scales, the same for all targets.
PackedLinear pack_depthwise(const LinearWeights& source);
// Everything of a PackedLinear but its weights.
PackedLinear pack_channels(const LinearWeights& source);

const Kernels* scalar_kernels();
const Kernels* avx2_kernels();  // this and the following: nullptr if this build lacks them
const Kernels* avx512_kernels();
const Kernels* neon_kernels();

// Kernels by name, "auto" for the best; nullptr if this CPU or build lacks them.
const Kernels* find_kernels(const char* name);

}  // namespace veneer::inference
