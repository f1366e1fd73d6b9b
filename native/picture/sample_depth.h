// Samples of some depth as 8 bits, and the other way; samples of more than 8 bits are uint16_t in pictures of bytes, twice
// as many a pixel. Half floats are uint16_t of their bits; the 8 bits are those of their order.
//
// Place: whatever fills in at 8 bits, or shows previews. Source: docs/format.md, "Half floats" and "Filling in".
#pragma once
#include <cstdint>

#include "common/image.h"

namespace veneer {

// What samples are: integers of some bits, or half floats, whose depth is 16.
struct SampleType {
  SampleType(int bits, bool are_half_floats = false) : depth(bits), is_half(are_half_floats) {}

  int depth;
  bool is_half;
};

// The ordered bits of half floats, 0..65535, which have the order of the floats, and the other way.
inline int ordered_of_half(int bits) { return bits < 32768 ? bits + 32768 : 65535 - bits; }
inline int half_of_ordered(int ordered) { return ordered < 32768 ? 65535 - ordered : ordered - 32768; }

// Those of the finite half floats, and the half float 1.
constexpr int kLeastFinite = 1024, kMostFinite = 64511;
constexpr int kHalfOne = 0x3C00;

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

// Pictures of `channels` samples a pixel. What is widened to half floats is finite.
Image<uint8_t> to_eight_bits(const View<const uint8_t>& samples, int channels, const SampleType& type);
void widen(const View<const uint8_t>& from, int channels, const SampleType& type, const View<uint8_t>& to);
inline Image<uint8_t> from_eight_bits(const View<const uint8_t>& samples, int channels, const SampleType& type) {
  Image<uint8_t> result(samples.width, samples.height, channels * bytes_of_depth(type.depth));
  widen(samples, channels, type, result.view());
  return result;
}

}  // namespace veneer
