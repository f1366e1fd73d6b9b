#include "network/packing.h"

namespace veneer::network {
namespace {

int padded(int channels) { return (channels + kChannelBlock - 1) / kChannelBlock * kChannelBlock; }

// Output channels are shared out evenly between as few blocks as possible.
Vector<int> register_blocks(int channels, const Layout& layout) {
  const int vectors = (channels + layout.lanes - 1) / layout.lanes;
  const int count = (vectors + layout.max_vectors - 1) / layout.max_vectors;
  Vector<int> blocks;
  for (int i = 0; i < count; ++i) blocks.push_back(vectors * (i + 1) / count - vectors * i / count);
  return blocks;
}

// Everything of a PackedLinear but its weights.
PackedLinear pack_channels(const LinearWeights& source) {
  const int count = padded(source.out_channels);
  PackedLinear layer;
  layer.kernel = source.kernel;
  layer.channels = source.out_channels;
  layer.groups = 0;
  layer.bias.assign(count, 0);
  layer.multiplier.assign(count, 0);
  layer.shift.assign(count, 1);
  for (int c = 0; c < source.out_channels; ++c) {
    layer.bias[c] = source.bias[c];
    layer.multiplier[c] = source.multiplier[c];
    layer.shift[c] = source.shift[c];
  }
  return layer;
}

}  // namespace

LinearLayer PackedLinear::layer() const {
  return {kernel,
          channels,
          static_cast<int>(bias.size()),
          groups,
          blocks.data(),
          static_cast<int>(blocks.size()),
          weights.data(),
          taps.data(),
          bias.data(),
          multiplier.data(),
          shift.data()};
}

PackedLinear pack_convolution(const LinearWeights& source, const Layout& layout) {
  PackedLinear layer = pack_channels(source);
  layer.groups = (source.in_channels + layout.group - 1) / layout.group;
  layer.blocks = register_blocks(source.out_channels, layout);
  const int taps = source.kernel * source.kernel;
  size_t channels_of_blocks = 0;
  for (int vectors : layer.blocks) channels_of_blocks += static_cast<size_t>(vectors) * layout.lanes;
  layer.weights.reserve(channels_of_blocks * layout.group * layer.groups * taps);
  int first = 0;
  for (int vectors : layer.blocks) {
    const int channels = vectors * layout.lanes;
    for (int tap = 0; tap < taps; ++tap) {
      for (int group = 0; group < layer.groups; ++group) {
        const size_t start = layer.weights.size();
        layer.weights.resize(start + static_cast<size_t>(channels) * layout.group, 0);
        for (int k = 0; k < layout.group; ++k) {
          const int in = group * layout.group + k;
          if (in >= source.in_channels) break;
          for (int c = 0; c < channels && first + c < source.out_channels; ++c) {
            const int place = (c / layout.run * layout.group + k) * layout.run + c % layout.run;
            const size_t index = (static_cast<size_t>(first + c) * source.in_channels + in) * taps + tap;
            layer.weights[start + place] = source.weights[index];
          }
        }
      }
    }
    first += channels;
  }
  return layer;
}

PackedLinear pack_depthwise(const LinearWeights& source) {
  PackedLinear layer = pack_channels(source);
  const int taps = source.kernel * source.kernel, count = padded(source.out_channels);
  layer.taps.assign(static_cast<size_t>(taps) * count, 0);
  for (int c = 0; c < source.out_channels; ++c) {
    for (int tap = 0; tap < taps; ++tap) {
      layer.taps[static_cast<size_t>(tap) * count + c] = static_cast<uint16_t>(source.weights[c * taps + tap]);
    }
  }
  return layer;
}

}  // namespace veneer::network
