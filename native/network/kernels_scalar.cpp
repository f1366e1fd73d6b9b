// Reference kernels of the network engine: the formulas of docs/format.md written down.
//
// Place: what every SIMD target is tested against, and the fallback on other CPUs.
// Source: docs/format.md, "Integer operations".
#include <algorithm>
#include <climits>

#include "common/limits.h"
#include "network/kernels.h"

namespace veneer::network {
namespace {

int clamp(int64_t value, int low, int high) {
  return static_cast<int>(value < low ? low : value > high ? high : value);
}

int64_t round_shift(int64_t value, int shift) { return shift ? (value + (int64_t{1} << (shift - 1))) >> shift : value; }

int mixed(int a, int b, const Mix& mix) {
  return clamp(round_shift(mix.multiplier_a * a + mix.multiplier_b * b, mix.shift), mix.low, mix.high);
}

void finish(const LinearJob& job, const int32_t* acc, int x) {
  const LinearLayer& layer = job.layer;
  const ptrdiff_t start = static_cast<ptrdiff_t>(x) * job.out_stride;
  for (int c = 0; c < layer.channels; ++c) {
    const int64_t product = static_cast<int64_t>(acc[c]) * layer.multiplier[c];
    int value = clamp(round_shift(product, layer.shift[c]), job.low, job.high);
    if (job.residual) value = mixed(value, job.residual[start + c], job.mix);
    job.out[start + c] = static_cast<int16_t>(value);
  }
}

void convolution(const LinearJob& job) {
  const LinearLayer& layer = job.layer;
  const int half = layer.kernel / 2;
  int32_t acc[kMaxChannels];
  for (int x = job.first; x < job.last; ++x) {
    std::copy_n(layer.bias, layer.channels, acc);
    const int16_t* weights = layer.weights;
    for (int dy = 0; dy < layer.kernel; ++dy) {
      for (int dx = 0; dx < layer.kernel; ++dx) {
        const int16_t* in = job.rows[dy] + static_cast<ptrdiff_t>(x + dx - half) * job.in_stride;
        for (int k = 0; k < layer.groups; ++k, weights += layer.channels) {
          for (int c = 0; c < layer.channels; ++c) acc[c] += in[k] * weights[c];
        }
      }
    }
    finish(job, acc, x);
  }
}

void depthwise(const LinearJob& job) {
  const LinearLayer& layer = job.layer;
  const int half = layer.kernel / 2;
  int32_t acc[kMaxChannels];
  for (int x = job.first; x < job.last; ++x) {
    std::copy_n(layer.bias, layer.channels, acc);
    const int32_t* taps = layer.taps;
    for (int dy = 0; dy < layer.kernel; ++dy) {
      for (int dx = 0; dx < layer.kernel; ++dx, taps += layer.padded) {
        const int16_t* in = job.rows[dy] + static_cast<ptrdiff_t>(x + dx - half) * job.in_stride;
        for (int c = 0; c < layer.channels; ++c) acc[c] += in[c] * static_cast<int16_t>(taps[c]);
      }
    }
    finish(job, acc, x);
  }
}

void mix_rows(const int16_t* a, const int16_t* b, int count, const Mix& mix, int16_t* out) {
  for (int i = 0; i < count; ++i) out[i] = static_cast<int16_t>(mixed(a[i], b[i], mix));
}

void multiply_rows(const int16_t* a, const int16_t* b, int count, int shift, int low, int high, int16_t* out) {
  for (int i = 0; i < count; ++i) {
    out[i] = static_cast<int16_t>(clamp(round_shift(static_cast<int64_t>(a[i]) * b[i], shift), low, high));
  }
}

int64_t multiply_registers(int rounds) {
  constexpr int kCount = 64;
  int32_t acc[kCount] = {};
  volatile int16_t source = 3;
  for (int round = 0; round < rounds; ++round) {
    const int16_t x = source;
    for (int i = 0; i < kCount; ++i) acc[i] += x * static_cast<int16_t>(i);
  }
  volatile int32_t sink = acc[rounds % kCount];
  (void)sink;
  return int64_t{kCount} * rounds;
}

// One block of all output channels: weights as [tap][in][out].
constexpr Layout kLayout = {1, INT_MAX / 2, 1, 1};

constexpr Kernels kScalarKernels = {"scalar", kLayout,       convolution,       depthwise,
                                    mix_rows, multiply_rows, multiply_registers};

}  // namespace

const Kernels* scalar_kernels() { return &kScalarKernels; }

}  // namespace veneer::network
