// Samples of some depth as 8 bits, and the other way; samples of more than 8 bits are uint16_t in pictures of bytes, twice
// as many a pixel.
//
// Place: whatever fills in at 8 bits, or shows previews. Source: docs/format.md, "Filling in".
#pragma once
#include <cstdint>

#include "common/image.h"

namespace veneer {

inline int bytes_of_depth(int depth) { return depth > 8 ? 2 : 1; }

template <typename T>
T* samples_of(uint8_t* bytes) {
  return reinterpret_cast<T*>(bytes);
}

// A sample of 8 bits as one of another depth, 255 being the largest value, and the other way.
inline int widened_sample(int value, int depth) { return (value * ((1 << depth) - 1) + 127) / 255; }
inline int narrowed_sample(int value, int depth) {
  const int most = (1 << depth) - 1;
  return (value * 255 + most / 2) / most;
}

// Pictures of `channels` samples a pixel.
Image<uint8_t> to_eight_bits(const View<const uint8_t>& samples, int channels, int depth);
void widen(const View<const uint8_t>& from, int channels, int depth, const View<uint8_t>& to);
inline Image<uint8_t> from_eight_bits(const View<const uint8_t>& samples, int channels, int depth) {
  Image<uint8_t> result(samples.width, samples.height, channels * bytes_of_depth(depth));
  widen(samples, channels, depth, result.view());
  return result;
}

}  // namespace veneer
