// Whole colours of a tile in the graphics form, and their numbers.
//
// A colour is the values of a pixel in all channels. The form compares colours far more often than it looks at their
// values, so each has a number of 32 bits: its place in the list that the tile begins with or, without a list, the order
// in which colours appear.
// Source: docs/format.md, "Colours".
#pragma once
#include <algorithm>
#include <cstddef>
#include <cstdint>

#include "base/modular/planes.h"
#include "base/sample_contexts.h"
#include "common/memory.h"

namespace veneer::modular::graphics {

// 16 bits a channel, the first channel in the upper ones.
using Colour = uint64_t;

inline int shift_of(int channel) { return 16 * (kMaxPlanes - 1 - channel); }
inline int value_in(Colour colour, int channel) { return static_cast<int>(colour >> shift_of(channel) & 0xffff); }

inline uint32_t mix(uint32_t hash, uint32_t value) {
  hash = (hash + value) * 0x9e3779b1u;
  return hash ^ hash >> 15;
}
inline uint32_t mix(uint32_t hash, int value) { return mix(hash, static_cast<uint32_t>(value)); }
inline uint32_t spread(uint32_t hash) { return hash * 0x85ebca6bu; }

// The channels of a tile in the order in which they are coded: alpha, G, R, B.
struct Channels {
  explicit Channels(const Planes& planes) : count(planes.count), first_colour(planes.has_alpha()) {
    int c = 0;
    if (planes.has_alpha()) plane[c++] = planes.count - 1;
    if (planes.colours == 3) plane[c++] = 1;
    plane[c++] = 0;
    if (planes.colours == 3) plane[c++] = 2;
    for (c = 0; c < count; ++c) most[c] = planes.most[plane[c]];
  }
  // Whether a channel is told from the first colour: R and B from G.
  bool follows(int channel) const { return channel > first_colour; }

  int count, first_colour;
  int plane[kMaxPlanes] = {};
  int most[kMaxPlanes] = {};
};

class Colours {
 public:
  // Without a list. Number 0 is the colour of zeros.
  explicit Colours(int64_t pixels) : bits_(table_bits(pixels, 1, 8, 22)), places_(size_t{1} << bits_, 0) {
    number_of(0);
  }
  // With a list, which rises strictly.
  explicit Colours(Vector<Colour> list) : listed_(true), colours_(std::move(list)) {}

  bool listed() const { return listed_; }
  size_t size() const { return colours_.size(); }
  Colour operator[](uint32_t number) const { return colours_[number]; }
  const Vector<Colour>& list() const { return colours_; }

  // The number of a colour; one that has none gets the next. A list must have it. Places are tried 8 times, so that
  // hostile data cannot make the search long; a colour that finds none has a new number each time that it appears.
  uint32_t number_of(Colour colour) {
    if (listed_) {
      return static_cast<uint32_t>(std::lower_bound(colours_.begin(), colours_.end(), colour) - colours_.begin());
    }
    const uint32_t first = spread(mix(mix(0u, static_cast<uint32_t>(colour)), static_cast<uint32_t>(colour >> 32)));
    const uint32_t mask = (1u << bits_) - 1;
    for (uint32_t i = 0; i < kProbes; ++i) {
      uint32_t& place = places_[((first >> (32 - bits_)) + i) & mask];
      if (place == 0) return add(colour, &place);
      if (colours_[place - 1] == colour) return place - 1;
    }
    uint32_t none;
    return add(colour, &none);
  }

 private:
  static constexpr uint32_t kProbes = 8;

  uint32_t add(Colour colour, uint32_t* place) {
    colours_.push_back(colour);
    *place = static_cast<uint32_t>(colours_.size());
    return *place - 1;
  }

  bool listed_ = false;
  int bits_ = 0;
  Vector<uint32_t> places_;  // numbers + 1; 0 is free
  Vector<Colour> colours_;
};

// What is left of a list while the values of a pixel become known, channel by channel.
class Remaining {
 public:
  // `rejected` are the numbers of colours that the pixel does not have.
  Remaining(const Colours& colours, const uint32_t* rejected, int count) : colours_(colours), rejections_(count) {
    for (int i = 0; i < count; ++i) rejected_[i] = colours[rejected[i]];
    end_ = colours.size();
  }

  // Whether the value of a channel may lie in least..last, where it is of 0..most.
  bool any(int channel, int least, int last, int most) const {
    least = std::max(least, 0);
    last = std::min(last, most);
    if (least > last) return false;
    if (!colours_.listed()) return true;
    const int shift = shift_of(channel);
    const Colour low = prefix_ | static_cast<Colour>(least) << shift;
    const Colour high = prefix_ | static_cast<Colour>(last) << shift | ((Colour{1} << shift) - 1);
    const auto begin = colours_.list().begin();
    const auto from =
        std::lower_bound(begin + static_cast<ptrdiff_t>(begin_), begin + static_cast<ptrdiff_t>(end_), low);
    auto count = std::upper_bound(from, begin + static_cast<ptrdiff_t>(end_), high) - from;
    if (count > rejections_) return true;
    for (int i = 0; i < rejections_; ++i) count -= rejected_[i] >= low && rejected_[i] <= high;
    return count > 0;
  }

  void know(int channel, int value) {
    const int shift = shift_of(channel);
    prefix_ |= static_cast<Colour>(value) << shift;
    if (!colours_.listed()) return;
    const auto& list = colours_.list();
    const Colour high = prefix_ | ((Colour{1} << shift) - 1);
    begin_ = static_cast<size_t>(std::lower_bound(list.begin(), list.end(), prefix_) - list.begin());
    end_ = static_cast<size_t>(std::upper_bound(list.begin(), list.end(), high) - list.begin());
  }
  Colour colour() const { return prefix_; }

 private:
  static constexpr int kMaxRejections = 16;

  const Colours& colours_;
  Colour rejected_[kMaxRejections];
  int rejections_;
  Colour prefix_ = 0;
  size_t begin_ = 0, end_;
};

}  // namespace veneer::modular::graphics
