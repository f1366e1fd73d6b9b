// A coder of bytes of any kind: contexts of up to six bytes and a search for what came before, mixed.
//
// Source: docs/format.md, "Bytes model".
#pragma once
#include <algorithm>
#include <cstddef>
#include <cstdint>

#include "base/modular/graphics_mixing.h"
#include "common/bits.h"
#include "common/memory.h"
#include "common/span.h"

namespace veneer::jpeg {

using modular::graphics::FirstWeights;
using modular::graphics::kModels;

class BytesModel {
 public:
  // For `size` bytes after `before`, which may be any bytes like those that will come.
  BytesModel(Bytes before, size_t size)
      : bits_(table_bits(size)),
        slots_(size_t{kModels} << bits_),
        history_(before.begin(), before.end()),
        places_(size_t{1} << kPlaceBits),
        by_match_(kMatchClasses * kKnownClasses),
        by_bits_(256) {
    history_.reserve(before.size + size);
    for (size_t i = 1; i <= history_.size(); ++i) remember(i);
    std::fill_n(expected_, kLengthClasses, BitModel{uint32_t{0xf000} << 16});
  }

  template <class Io>
  uint8_t byte(Io& io, uint8_t value) {
    find_match();
    if (follows_ && length_ >= kLong) {
      const uint8_t expected = history_[match_];
      if (io.bit(expected_[length_class()], value == expected)) return add(expected);
    }
    choose();
    int node = 1;
    for (int bit = 7; bit >= 0; --bit) {
      if (bit == 3) choose_again(node);
      node = node << 1 | mixed(io, node, value >> bit & 1);
    }
    return add(static_cast<uint8_t>(node));
  }

  // The next bytes are expected to be those that follow `place` in the history.
  void follow(size_t place) {
    match_ = static_cast<uint32_t>(place);
    length_ = kLong;
    misses_ = 0;
    follows_ = true;
  }

  // All bytes: those before and those coded.
  const Vector<uint8_t>& history() const { return history_; }

 private:
  static constexpr int kPlaceBits = 16;
  static constexpr uint32_t kShortest = 3;  // bytes that a match has in common
  static constexpr uint32_t kLong = 16;     // from here on a byte is expected as a whole
  static constexpr uint32_t kLongSearch = 32, kLongest = 400;
  static constexpr uint32_t kMostMisses = 8;  // of a match, until it is given up
  static constexpr int kLengthClasses = 32;
  static constexpr int kMatchClasses = 5, kKnownClasses = 7;
  static constexpr int32_t kRate = 1 << 15;

  struct alignas(64) Slot {  // of 4 bits of a byte in one context; model[0] has the check of the context
    BitModel model[16];
    Slot() { std::fill_n(model, 16, kFreshModel); }
  };

  static int table_bits(size_t size) {
    int bits = 8;
    while (bits < 12 && size_t{1} << bits < size) ++bits;
    return bits;
  }

  uint32_t back(size_t distance) const {
    return distance <= history_.size() ? history_[history_.size() - distance] : 0;
  }

  // Bytes up to `end` have been coded.
  void remember(size_t end) {
    if (end < kShortest) return;
    uint32_t last = 0;
    for (size_t i = end - kShortest; i < end; ++i) last = last << 8 | history_[i];
    place_ = &places_[last * 0x9e3779b1u >> (32 - kPlaceBits)];
    if (end < history_.size()) *place_ = static_cast<uint32_t>(end);
  }

  void find_match() {
    const size_t end = history_.size();
    if (end < kShortest) return;
    remember(end);
    const uint32_t place = *place_;
    *place_ = static_cast<uint32_t>(end);
    if (length_ >= kShortest) return;
    uint32_t length = 0;
    while (length < kLongSearch && length < place && history_[place - 1 - length] == history_[end - 1 - length])
      ++length;
    if (length < kShortest) return;
    match_ = place;
    length_ = length;
    misses_ = 0;
    follows_ = true;
  }

  int length_class() const {
    return static_cast<int>(length_ < 16 ? length_ : std::min<uint32_t>(31, 14 + length_ / 8));
  }
  int match_class() const { return !follows_ ? 0 : length_ == 0 ? 1 : length_ < 6 ? 2 : length_ < kLong ? 3 : 4; }

  void choose() {
    const uint32_t c1 = back(1), c2 = back(2), c3 = back(3), c4 = back(4);
    const uint32_t last4 = c1 | c2 << 8 | c3 << 16 | c4 << 24;
    const uint32_t expected = follows_ ? uint32_t{history_[match_]} + 1 : 0;
    const uint32_t contexts[kModels] = {
        0,
        c1,
        last4 & 0xffff,
        last4 & 0xffffff,
        last4,
        last4 ^ (back(5) | back(6) << 8) * 0x2c1b3c6du,
        word_,
        c2 | c3 << 8,
        c2 | c4 << 8,
        c4 | static_cast<uint32_t>(history_.size() & 3) << 8,
        back(12) | c1 << 8,
        back(12) | back(8) << 8 | back(4) << 16,
        expected | static_cast<uint32_t>(length_class()) << 9 | misses_ << 14,
        expected | c1 << 9,
        (last4 & 0xf0f0f0) | 1,
    };
    for (int i = 0; i < kModels; ++i) {
      uint32_t h = (contexts[i] + static_cast<uint32_t>(i)) * 0x9e3779b1u;
      h = (h ^ h >> 15) * 0x85ebca6bu;
      hash_[i] = (h ^ h >> 13) * 0x2c1b3c6du;
    }
    choose_slots(hash_);
  }
  void choose_again(int node) {
    uint32_t hashes[kModels];
    for (int i = 0; i < kModels; ++i) hashes[i] = (hash_[i] ^ static_cast<uint32_t>(node)) * 0x9e3779b1u;
    choose_slots(hashes);
  }
  // All are asked for before the first is looked at: most are far away in memory.
  void choose_slots(const uint32_t (&hashes)[kModels]) {
    uint32_t check[kModels];
    for (int i = 0; i < kModels; ++i) {
      const uint32_t hash = hashes[i] ^ hashes[i] >> 16;
      check[i] = hash >> 8 | 1;
      chosen_[i] = &slots_[(static_cast<size_t>(i) << bits_) + (hash & ((1u << bits_) - 1))];
      prefetch(chosen_[i]);
    }
    for (int i = 0; i < kModels; ++i) {
      if (chosen_[i]->model[0].state == check[i]) continue;
      *chosen_[i] = Slot();
      chosen_[i]->model[0].state = check[i];
    }
  }

  template <class Io>
  int mixed(Io& io, int node, int value) {
    const int at = nibble_node(node);
    BitModel* models[kModels];
    for (int i = 0; i < kModels; ++i) models[i] = &chosen_[i]->model[at];
    int known = 0;
    for (int i = 1; i <= 6; ++i) known += (models[i]->state & 1023) != 0;
    return modular::graphics::mixed_bit(io, models,
                                        by_match_[static_cast<size_t>(match_class() * kKnownClasses + known)],
                                        by_bits_[static_cast<size_t>(node)], nullptr, kRate, value);
  }
  // Bits of a half of a byte so far, below a 1.
  static int nibble_node(int node) {
    if (node < 16) return node;
    int length = 4;
    while (node >> (length + 1)) ++length;
    return 1 << (length - 4) | (node & ((1 << (length - 4)) - 1));
  }

  uint8_t add(uint8_t value) {
    if (follows_ && history_[match_++] == value) {
      length_ = std::min(length_ + 1, kLongest);
    } else if (follows_) {
      length_ = 0;
      follows_ = ++misses_ < kMostMisses;
    }
    const bool letter = (value | 32) >= 'a' && (value | 32) <= 'z';
    word_ = letter ? (word_ + value + 1) * 0x2c1b3c6du : value;
    history_.push_back(value);
    return value;
  }

  const int bits_;
  Vector<Slot> slots_;
  Vector<uint8_t> history_;
  Vector<uint32_t> places_;  // ends of what came before, by the last bytes
  uint32_t* place_ = nullptr;
  bool follows_ = false;
  uint32_t match_ = 0, length_ = 0, misses_ = 0;  // the byte that followed, and what is in common before it
  uint32_t word_ = 0;
  BitModel expected_[kLengthClasses];
  Vector<FirstWeights> by_match_;
  Vector<modular::graphics::Weights> by_bits_;
  uint32_t hash_[kModels] = {};
  Slot* chosen_[kModels] = {};
};

}  // namespace veneer::jpeg
