// The values of a pixel whose colour is none of the candidates, channel by channel, in the graphics form.
// Source: docs/format.md, "Values".
#pragma once
#include <cstdlib>

#include "base/modular/graphics_canvas.h"
#include "base/modular/graphics_mixing.h"

namespace veneer::modular::graphics {

// The value that a channel had when the same was known of the pixel.
struct Guess {
  uint16_t check = 0, value = 0;
  uint16_t count = 0;  // 0: nothing known

  void update(uint16_t right_check, int right_value) {
    const auto v = static_cast<uint16_t>(right_value);
    if (count == 0 || check != right_check) {
      *this = {right_check, v, 1};
    } else if (value == v) {
      count = static_cast<uint16_t>(std::min(count + 1, 200));
    } else if (count > 2) {
      count /= 2;
    } else {
      value = v;
      count = 1;
    }
  }
};

// Errors of the pixels W, N, NW and NE in one channel.
struct NearErrors {
  int w, n, nw, ne;
};

class ValueModels {
 public:
  ValueModels(int64_t pixels, const Channels& channels)
      : channels_(channels),
        slot_bits_(table_bits(pixels, -5, 10, 15)),
        guess_bits_(table_bits(pixels, 0, 10, 18)),
        slots_(size_t{kSlots} << slot_bits_, Slot()),
        guesses_(size_t{kGuesses} << guess_bits_),
        guessed_(kGuesses * kCounts * kKinds * 3, kFreshModel),
        tail_(kMaxPlanes * kMaxBits * kMaxBits, kFreshModel),
        by_kind_(kMaxPlanes * kKinds),
        by_guesses_(kMaxPlanes * kKinds * 27) {}

  // All channels of a pixel: the colour is known to a writer. left: the colours that it may have. errors(c) gives those
  // of the neighbours, and set_error(c, error) takes that of the pixel.
  template <class Io, class Errors, class SetError>
  Colour colour(Io& io, const Surroundings& around, Remaining& left, Colour colour, Errors errors, SetError set_error) {
    residual_[0] = residual_[1] = 0;
    known_ = 0;
    for (channel_ = 0; channel_ < channels_.count; ++channel_) {
      most_ = channels_.most[channel_];
      predict(around, left.colour());
      choose(around, errors(channel_));
      const int residual = code(io, left, value_in(colour, channel_) - predicted_);
      const int value = predicted_ + residual;
      for (int g = 0; g < kGuesses; ++g) guess_[g].entry->update(guess_[g].check, value);
      set_error(channel_, std::abs(residual));
      residual_[1] = residual_[0];
      residual_[0] = residual;
      known_ = mix(known_ + static_cast<uint32_t>(channel_) + 1, value);
      left.know(channel_, value);
    }
    return left.colour();
  }

 private:
  static constexpr int kSlots = 11, kGuesses = 4, kCounts = 8, kKinds = 64, kMaxBits = 16, kTreeBits = 4;
  static_assert(kSlots + kGuesses == kModels);
  static constexpr int32_t kLearning = 40000;
  // Decisions of the first slot, and their kinds; of the others the kind is kTree and more.
  enum Node { kZero, kBelow, kPrefix, kLastPrefix = 15, kTree };

  struct alignas(64) Slot {  // a cache line
    Slot() { std::fill_n(model, 16, kFreshModel); }
    BitModel model[16];
  };
  struct CurrentGuess {
    Guess* entry;
    uint16_t check;
    int count, residual;
  };

  // As `gradient` says, or for R and B as it says of the difference from G.
  void predict(const Surroundings& around, Colour colour) {
    predicted_ = around.predicted(channel_);
    if (channels_.follows(channel_)) {
      const int first = channels_.first_colour;
      const auto difference = [&](Near near) { return around.value(near, channel_) - around.value(near, first); };
      predicted_ = gradient(difference(kW), difference(kN), difference(kNW)) + value_in(colour, first);
    }
    predicted_ = std::clamp(predicted_, 0, most_);
  }

  void choose(const Surroundings& around, const NearErrors& error) {
    const int w = around.value(kW, channel_), n = around.value(kN, channel_), nw = around.value(kNW, channel_);
    const int ne = around.value(kNE, channel_), ww = around.value(kWW, channel_), nn = around.value(kNN, channel_);
    const int nne = around.value(kNNE, channel_), p = predicted_, last = residual_[0];
    const int activity = around.activity(channel_);
    const int errors = (2 * error.w + 2 * error.n + error.nw + error.ne) / 3;
    const auto salt = [&](uint32_t i) { return static_cast<uint32_t>(channel_) * kSlots + i; };
    const auto near = static_cast<uint32_t>(level_of(error.w) * 8 + level_of(error.n));
    const uint32_t hashes[kSlots] = {
        mix(mix(salt(0), level_of(activity / 2)), level_of(std::abs(last)) * 8 + level_of(errors)),
        mix(mix(salt(1), last), residual_[1]),
        mix(mix(mix(mix(salt(2), signed_level(nw - p)), signed_level(ne - p)), signed_level(w - p)),
            signed_level(n - p)),
        mix(mix(salt(3), p), known_),
        mix(mix(mix(salt(4), signed_level(2 * n - nn - p)), signed_level(2 * w - ww - p)),
            signed_level(n + ne - nne - p)),
        mix(mix(salt(5), near), level_of(error.nw) * 8 + level_of(error.ne)),
        mix(mix(salt(6), p), activity / 4),
        mix(mix(mix(salt(7), last), signed_level(w - p)), signed_level(n - p)),
        mix(mix(salt(8), (w + ne) / 2 - p), signed_level(last)),
        mix(mix(salt(9), (w + n) / 2 - p), level_of(activity / 2)),
        mix(mix(salt(10), n + w - nw - p), near),
    };
    std::copy_n(hashes, kSlots, hash_);
    choose_slots(0);
    const uint32_t first = mix(static_cast<uint32_t>(channel_), known_);
    const uint32_t keys[kGuesses] = {first, mix(first + 1, around.number[kW]), mix(first + 2, around.number[kN]),
                                     mix(mix(first + 3, around.number[kW]), around.number[kN])};
    for (int g = 0; g < kGuesses; ++g) {
      const uint32_t hash = spread(keys[g]);
      Guess* entry = &guesses_[(static_cast<size_t>(g) << guess_bits_) + (hash >> (32 - guess_bits_))];
      const auto check = static_cast<uint16_t>(hash);
      const int count = entry->check == check ? std::min<int>(entry->count, kCounts - 1) : 0;
      guess_[g] = {entry, check, count, entry->value - predicted_};
    }
  }
  void choose_slots(uint32_t key) {
    for (int i = 0; i < kSlots; ++i) {
      const uint32_t hash = spread(mix(hash_[i], key));
      slot_[i] = &slots_[(static_cast<size_t>(i) << slot_bits_) + (hash >> (32 - slot_bits_))];
    }
  }

  // implied(r): what the decision would be for a residual r, -1 where it would not be asked.
  template <class Io, class Implied>
  int decide(Io& io, int node, int kind, int value, Implied implied) {
    BitModel* models[kModels];
    for (int i = 0; i < kSlots; ++i) models[i] = &slot_[i]->model[node];
    int agreement = 0;
    for (int g = 0; g < kGuesses; ++g) {
      const int bit = guess_[g].count > 0 ? implied(guess_[g].residual) : -1;
      const int count = bit < 0 ? 0 : guess_[g].count;
      models[kSlots + g] = &guessed_[static_cast<size_t>(((g * kCounts + count) * kKinds + kind) * 3 + bit + 1)];
      if (g < 3) agreement = agreement * 3 + bit + 1;
    }
    const int set = channel_ * kKinds + kind;
    return mixed_bit(io, models, by_kind_[static_cast<size_t>(set)],
                     by_guesses_[static_cast<size_t>(set * 27 + agreement)], nullptr, kLearning, value);
  }

  // A residual, from decisions of which those are left out that the colours left decide. `left` has a colour.
  template <class Io>
  int code(Io& io, const Remaining& left, int target) {
    const auto any = [&](int least, int last) {
      return left.any(channel_, predicted_ + least, predicted_ + last, most_);
    };
    const bool below = any(-most_, -1), above = any(1, most_);
    if (!below && !above) return 0;
    if (any(0, 0) && decide(io, kZero, kZero, target == 0, [](int r) { return static_cast<int>(r == 0); })) return 0;
    bool negative = below;
    if (below && above) {
      negative = decide(io, kBelow, kBelow, target < 0, [](int r) { return r == 0 ? -1 : static_cast<int>(r < 0); });
    }
    const auto any_magnitude = [&](int least, int last) { return negative ? any(-last, -least) : any(least, last); };
    const int magnitude = code_magnitude(io, std::abs(target), negative, any_magnitude);
    return negative ? -magnitude : magnitude;
  }

  template <class Io, class Any>
  int code_magnitude(Io& io, int target, bool negative, Any any) {
    const auto of = [negative](int r) { return r != 0 && (r < 0) == negative ? std::abs(r) : 0; };
    int bits = 0;
    for (; any(2 << bits, most_); ++bits) {
      if (!any(1 << bits, (2 << bits) - 1)) continue;
      const auto implied = [&](int r) { return of(r) >> bits == 0 ? -1 : static_cast<int>(of(r) >> (bits + 1) != 0); };
      const int node = std::min<int>(kPrefix + bits, kLastPrefix);
      if (!decide(io, node, node, target >> (bits + 1) != 0, implied)) break;
    }
    if (bits == 0) return 1;
    choose_slots(static_cast<uint32_t>(2 * bits + negative + 1));
    int magnitude = 1, node = 1;
    for (int i = bits - 1; i >= 0; --i) {
      const int zero = 2 * magnitude << i, one = (2 * magnitude + 1) << i, depth = bits - 1 - i;
      int bit = any(one, one + (1 << i) - 1);
      if (bit && any(zero, one - 1)) {
        const auto implied = [&](int r) { return of(r) >> (i + 1) == magnitude ? of(r) >> i & 1 : -1; };
        bit = target >> i & 1;
        bit = depth < kTreeBits ? decide(io, node, kTree + 4 * std::min(bits, 10) + depth, bit, implied)
                                : io.bit(tail_[static_cast<size_t>((channel_ * kMaxBits + bits) * kMaxBits + i)], bit);
      }
      magnitude = 2 * magnitude + bit;
      if (depth < kTreeBits) node = 2 * node + bit;
    }
    return magnitude;
  }

  const Channels& channels_;
  int slot_bits_, guess_bits_;
  Vector<Slot> slots_;
  Vector<Guess> guesses_;
  Vector<BitModel> guessed_, tail_;
  Vector<FirstWeights> by_kind_;
  Vector<Weights> by_guesses_;

  // Of the pixel and channel to be coded.
  int channel_ = 0, most_ = 0, predicted_ = 0;
  int residual_[2] = {};  // of the channel before, and the one before that
  uint32_t known_ = 0;    // hash of the values before
  uint32_t hash_[kSlots] = {};
  Slot* slot_[kSlots] = {};
  CurrentGuess guess_[kGuesses] = {};
};

}  // namespace veneer::modular::graphics
