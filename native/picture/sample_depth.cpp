#include "picture/sample_depth.h"

#include <algorithm>

namespace veneer {
namespace {

// Every sample of a picture, by way of `change`, to a picture of other samples.
template <typename From, typename To, typename Change>
void convert(const View<const uint8_t>& from, int channels, const View<uint8_t>& to, const Change& change) {
  const int count = from.width * channels;
  for (int y = 0; y < from.height; ++y) {
    const From* const in = reinterpret_cast<const From*>(from.row(y));
    To* const out = samples_of<To>(to.row(y));
    for (int i = 0; i < count; ++i) out[i] = static_cast<To>(change(in[i]));
  }
}

}  // namespace

void widen(const View<const uint8_t>& from, int channels, const SampleType& type, const View<uint8_t>& to) {
  const int depth = type.depth;
  if (type.is_half) {
    const auto change = [depth](int value) {
      return half_of_ordered(std::clamp(widened_sample(value, depth), kLeastFinite, kMostFinite));
    };
    return convert<uint8_t, uint16_t>(from, channels, to, change);
  }
  const auto change = [depth](int value) { return widened_sample(value, depth); };
  if (bytes_of_depth(depth) == 1) return convert<uint8_t, uint8_t>(from, channels, to, change);
  convert<uint8_t, uint16_t>(from, channels, to, change);
}

Image<uint8_t> to_eight_bits(const View<const uint8_t>& samples, int channels, const SampleType& type) {
  const int depth = type.depth;
  const auto change = [depth](int value) { return narrowed_sample(value, depth); };
  Image<uint8_t> result(samples.width, samples.height, channels);
  if (type.is_half) {
    const auto of_half = [&](int bits) { return change(std::clamp(ordered_of_half(bits), kLeastFinite, kMostFinite)); };
    convert<uint16_t, uint8_t>(samples, channels, result.view(), of_half);
  } else if (bytes_of_depth(depth) == 1) {
    convert<uint8_t, uint8_t>(samples, channels, result.view(), change);
  } else {
    convert<uint16_t, uint8_t>(samples, channels, result.view(), change);
  }
  return result;
}

}  // namespace veneer
