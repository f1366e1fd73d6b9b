// The list of colours that a tile of the graphics form may begin with, over a reader or a writer.
// Source: docs/format.md, "Colours".
#pragma once
#include "base/modular/graphics_colours.h"
#include "base/modular/graphics_mixing.h"

namespace veneer::modular::graphics {

constexpr int kListBits = 12;
constexpr int kMaxListed = 1 << kListBits;

class ListCoder {
 public:
  explicit ListCoder(const Channels& channels) : channels_(channels) {
    for (auto& channel : length_) {
      for (auto& row : channel) std::fill(std::begin(row), std::end(row), kFreshModel);
    }
  }

  // Colours that rise strictly; a reader appends them. False where the data are no list.
  template <class Io>
  bool code(Io& io, Vector<Colour>* list) {
    const size_t count = io.raw(kListBits, static_cast<uint32_t>(list->size() - 1)) + 1;
    if constexpr (Io::kReads) list->assign(count, 0);
    Colour before = 0;
    for (size_t i = 0; i < count; ++i) {
      if (!code_colour(io, i == 0, before, &(*list)[i])) return false;
      before = (*list)[i];
    }
    return true;
  }

 private:
  static constexpr int kLengths = 18;

  template <class Io>
  bool code_colour(Io& io, bool first, Colour before, Colour* colour) {
    Colour known = 0;
    bool equal = !first;  // in the channels before this one
    for (int c = 0; c < channels_.count; ++c) {
      const int last = value_in(before, c), target = value_in(*colour, c);
      int value;
      if (equal) {
        const int least = last + (c == channels_.count - 1);
        value = least + code_number(io, c, 0, target - least);
      } else {
        const int predicted = channels_.follows(c) ? value_in(known, channels_.first_colour) : last;
        const int difference = target - predicted;
        const int folded = code_number(io, c, 1, difference < 0 ? -2 * difference - 1 : 2 * difference);
        value = predicted + (folded & 1 ? -(folded + 1) / 2 : folded / 2);
      }
      if (value < 0 || value > channels_.most[c]) return false;
      equal &= value == last;
      known |= static_cast<Colour>(value) << shift_of(c);
    }
    *colour = known;
    return true;
  }

  // 0..2^18 - 2: the length of it plus 1, in unary, and its bits.
  template <class Io>
  int code_number(Io& io, int channel, int kind, int target) {
    int bits = 0;
    while (bits < kLengths - 1 && io.bit(length_[channel][kind][bits], (target + 1) >> (bits + 1) != 0)) ++bits;
    const uint32_t below = static_cast<uint32_t>(target + 1) & ((1u << bits) - 1);
    return static_cast<int>((1u << bits | io.raw(bits, below)) - 1);
  }

  const Channels& channels_;
  BitModel length_[kMaxPlanes][2][kLengths];
};

}  // namespace veneer::modular::graphics
