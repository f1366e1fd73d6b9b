// Body of the SIMD kernels, written in the vectors of lanes_x86.h, lanes_neon.h or lanes_simd128.h; compiled once for each target.
//
// A register block is up to kMaxVectors vectors of output channels times block_pixels() pixels, accumulated over
// all taps and input channels without touching memory: with AVX-512 a step of two input channels is 2 loads of
// weights, 8 broadcasts of inputs and 16 multiplications. Rescaling, clamping and the residual are done in the
// registers before the one store.
// Source: docs/format.md, "Integer operations".
#pragma once
#include "common/unroll.h"
#include "network/kernels.h"

namespace veneer::network::VENEER_TARGET {
namespace {

inline void copy(const int16_t* from, int count, int16_t* to) {
  for (int i = 0; i < count; ++i) to[i] = from[i];
}

// Writes one vector of channels; a row with fewer values to a pixel than a vector has lanes gets what fits.
inline void store_channels(int16_t* out, int stride, Vector v) {
  if (stride >= kLanes) return narrow(out, v);
  int16_t values[kLanes];
  narrow(values, v);
  copy(values, stride, out);
}

inline Vector load_channels(const int16_t* in, int stride) {
  if (stride >= kLanes) return widen(in);
  int16_t values[kLanes] = {};
  copy(in, stride, values);
  return widen(values);
}

// That of one vector of channels from `channel`. Made once for a row: it takes as long as rescaling several pixels.
inline Rescaler rescaler_of(const LinearLayer& layer, int channel) {
  return Rescaler(layer.multiplier + channel, layer.shift + channel);
}

// Rescales, clamps, adds the residual and stores `live` pixels from `x` of one vector of channels from `channel`.
template <int kPixels>
inline void finish(const LinearJob& job, const Rescaler& rescale, const Vector (&acc)[kPixels], int x, int live,
                   int channel) {
  const Vector low = broadcast(job.low), high = broadcast(job.high);
  const ptrdiff_t start = static_cast<ptrdiff_t>(x) * job.out_stride + channel;
  int16_t* out = job.out + start;
  if (job.residual) {
    const Mixer mix(job.mix);
    const int16_t* residual = job.residual + start;
    VENEER_UNROLL(16)
    for (int p = 0; p < kPixels; ++p) {
      if (p >= live) return;
      const Vector other = load_channels(residual + p * job.out_stride, job.out_stride);
      store_channels(out + p * job.out_stride, job.out_stride, mix(clamp(rescale(acc[p]), low, high), other));
    }
  } else {
    VENEER_UNROLL(16)
    for (int p = 0; p < kPixels; ++p) {
      if (p >= live) return;
      store_channels(out + p * job.out_stride, job.out_stride, clamp(rescale(acc[p]), low, high));
    }
  }
}

// All pixels of the job for one block of output channels; returns the weights of the next block.
template <int kVectors>
const int16_t* convolve_block(const LinearJob& job, const int16_t* block_weights, int channel) {
  constexpr int kPixels = block_pixels(kVectors);
  static_assert(kPixels <= kSlackPixels, "the last block reads past the row");
  constexpr int kStep = kVectors * kLanes * kGroup;
  const LinearLayer& layer = job.layer;
  const ptrdiff_t stride = job.in_stride;
  // Where pixels have no padding the taps of a row are one long run of channels.
  const bool merged = stride == layer.groups * kGroup;
  const int runs = merged ? 1 : layer.kernel, run = merged ? layer.groups * layer.kernel : layer.groups;
  const int16_t* weights = block_weights;
  const auto rescaler = [&layer, channel](int v) {
    return rescaler_of(layer, channel + (v < kVectors ? v : 0) * kLanes);
  };
  static_assert(kVectors <= 4, "as many as there are here");
  const Rescaler rescale[4] = {rescaler(0), rescaler(1), rescaler(2), rescaler(3)};
  for (int x = job.first; x < job.last; x += kPixels) {
    Vector acc[kPixels][kVectors];
    VENEER_UNROLL(4)
    for (int v = 0; v < kVectors; ++v) {
      const Vector bias = load(layer.bias + channel + v * kLanes);
      VENEER_UNROLL(16)
      for (int p = 0; p < kPixels; ++p) acc[p][v] = bias;
    }
    weights = block_weights;
    for (int dy = 0; dy < layer.kernel; ++dy) {
      const int16_t* row = job.rows[dy] + (x - layer.kernel / 2) * stride;
      for (int dx = 0; dx < runs; ++dx, row += stride) {
        const int16_t* in = row;
        for (int group = 0; group < run; ++group, in += kGroup, weights += kStep) {
          multiply_group<kVectors, kPixels>(acc, in, stride, weights);
        }
      }
    }
    const int left = job.last - x, live = left < kPixels ? left : kPixels;
    VENEER_UNROLL(4)
    for (int v = 0; v < kVectors; ++v) {
      Vector column[kPixels];
      VENEER_UNROLL(16)
      for (int p = 0; p < kPixels; ++p) column[p] = acc[p][v];
      finish(job, rescale[v], column, x, live, channel + v * kLanes);
    }
  }
  return weights;
}

inline void convolution(const LinearJob& job) {
  const int16_t* weights = job.layer.weights;
  int channel = 0;
  for (int block = 0; block < job.layer.block_count; ++block) {
    const int vectors = job.layer.blocks[block];
    if (vectors == 1) weights = convolve_block<1>(job, weights, channel);
    if (vectors == 2) weights = convolve_block<2>(job, weights, channel);
    if constexpr (kMaxVectors >= 4) {
      if (vectors == 3) weights = convolve_block<3>(job, weights, channel);
      if (vectors == 4) weights = convolve_block<4>(job, weights, channel);
    }
    channel += vectors * kLanes;
  }
}

inline void depthwise(const LinearJob& job) {
  const LinearLayer& layer = job.layer;
  const ptrdiff_t stride = job.in_stride;
  for (int channel = 0; channel < layer.channels; channel += kLanes) {
    const Rescaler rescale = rescaler_of(layer, channel);
    for (int x = job.first; x < job.last; ++x) {
      Vector acc[1] = {load(layer.bias + channel)};
      const int32_t* taps = layer.taps + channel;
      for (int dy = 0; dy < layer.kernel; ++dy) {
        const int16_t* in = job.rows[dy] + (x - layer.kernel / 2) * stride + channel;
        for (int dx = 0; dx < layer.kernel; ++dx, in += stride, taps += layer.padded) {
          acc[0] = multiply_tap(acc[0], load_channels(in, job.in_stride), load(taps));
        }
      }
      finish(job, rescale, acc, x, 1, channel);
    }
  }
}

// out[i] = combine(a[i], b[i]); the last few through a copy, since the row goes on for other threads.
template <typename Combine>
inline void for_pairs(const int16_t* a, const int16_t* b, int count, int16_t* out, const Combine& combine) {
  int i = 0;
  for (; i + kLanes <= count; i += kLanes) narrow(out + i, combine(widen(a + i), widen(b + i)));
  if (i == count) return;
  int16_t values[3][kLanes] = {};
  copy(a + i, count - i, values[0]);
  copy(b + i, count - i, values[1]);
  narrow(values[2], combine(widen(values[0]), widen(values[1])));
  copy(values[2], count - i, out + i);
}

inline void mix_rows(const int16_t* a, const int16_t* b, int count, const Mix& mix, int16_t* out) {
  for_pairs(a, b, count, out, Mixer(mix));
}

inline void multiply_rows(const int16_t* a, const int16_t* b, int count, int shift, int low, int high, int16_t* out) {
  for_pairs(a, b, count, out, Multiplier(shift, low, high));
}

inline int64_t multiply_registers(int rounds) {
  constexpr int kPixels = block_pixels(kMaxVectors), kCount = kPixels * kMaxVectors;
  Vector acc[kCount];
  VENEER_UNROLL(32)
  for (int i = 0; i < kCount; ++i) acc[i] = broadcast(0);
  Vector x = broadcast(0x00030002), weight = broadcast(0x00010001);
  for (int round = 0; round < rounds; ++round) {
    VENEER_UNROLL(32)
    for (int i = 0; i < kCount; ++i) {
      keep(x);  // else the product would be taken out of the loop
      acc[i] = multiply_full(acc[i], x, weight);
    }
  }
  VENEER_UNROLL(32)
  for (int i = 0; i < kCount; ++i) keep(acc[i]);
  return static_cast<int64_t>(rounds) * kCount * kMultiplications;
}

inline const Kernels* table(const char* name) {
  static const Kernels kernels = {
      name, {kLanes, kMaxVectors, kGroup, kRun}, convolution, depthwise, mix_rows, multiply_rows, multiply_registers};
  return &kernels;
}

}  // namespace
}  // namespace veneer::network::VENEER_TARGET
