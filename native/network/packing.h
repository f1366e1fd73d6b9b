// Weights of convolutions in the order in which the kernels of a target read them.
//
// Place: between the weight file (graph.h) and the kernels; engine.cpp packs each layer once for each target.
#pragma once
#include <cstddef>
#include <cstdint>

#include "common/memory.h"
#include "network/kernels.h"

namespace veneer::network {

// Memory that starts on a cache line.
template <typename T>
using AlignedVector = std::vector<T, Allocator<T, 64>>;

// A convolution (or depthwise convolution, or scale) as the weight file has it.
struct LinearWeights {
  int in_channels, out_channels;
  int kernel;                  // 1 or 3
  Vector<int16_t> weights;     // [out][in][kernel][kernel]; depthwise: [out][kernel][kernel]
  Vector<int32_t> bias;        // [out]
  Vector<int32_t> multiplier;  // [out], 0..2^shift
  Vector<uint8_t> shift;       // [out], 1..30
};

// The same, laid out for one target: the memory of a LinearLayer, which says what each member is.
struct PackedLinear {
  int kernel, channels, groups;
  Vector<int> blocks;
  AlignedVector<int16_t> weights;
  AlignedVector<int32_t> taps, bias, multiplier, shift;

  // Points into this.
  LinearLayer layer() const;
};

PackedLinear pack_convolution(const LinearWeights& source, const Layout& layout);
// The same for all targets; scales are depthwise convolutions of one tap.
PackedLinear pack_depthwise(const LinearWeights& source);

}  // namespace veneer::network
