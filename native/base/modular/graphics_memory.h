// What the graphics form remembers of a tile: the colours that followed neighbourhoods, and places that look alike.
// Source: docs/format.md, "Candidates".
#pragma once
#include "base/modular/graphics_canvas.h"

namespace veneer::modular::graphics {

// The last two colours that pixels with certain neighbours had.
struct Seen {
  uint32_t recent = 0, before = 0;
  uint16_t check = 0;
  uint16_t count = 0;  // times in a row that `recent` came; 0: nothing known

  void update(uint16_t right_check, uint32_t number) {
    if (count == 0 || check != right_check) {
      *this = {number, number, right_check, 1};
    } else if (recent == number) {
      count = static_cast<uint16_t>(std::min(count + 1, 200));
    } else {
      before = recent;
      recent = number;
      count = 1;
    }
  }
};

// For each hash of neighbours what was seen.
class SeenColours {
 public:
  explicit SeenColours(int64_t pixels) : bits_(table_bits(pixels, 0, 10, 18)), entries_(size_t{kHashes} << bits_) {}

  void look_up(const Surroundings& around) {
    for (int h = 0; h < kHashes; ++h) {
      const uint32_t hash = spread(around.hash[h]);
      check_[h] = static_cast<uint16_t>(hash);
      found_[h] = &entries_[(static_cast<size_t>(h) << bits_) + (hash >> (32 - bits_))];
      known_[h] = found_[h]->count > 0 && found_[h]->check == check_[h];
    }
  }
  // Of the last look_up.
  bool known(int h) const { return known_[h]; }
  const Seen& seen(int h) const { return *found_[h]; }
  void update(uint32_t number) {
    for (int h = 0; h < kHashes; ++h) found_[h]->update(check_[h], number);
  }

 private:
  int bits_;
  Vector<Seen> entries_;
  Seen* found_[kHashes] = {};
  uint16_t check_[kHashes] = {};
  bool known_[kHashes] = {};
};

// An earlier place whose surroundings are the same, which moves on with the pixels while their colours are the same.
class Match {
 public:
  explicit Match(int64_t pixels) : bits_(table_bits(pixels, 0, 10, 18)), places_(size_t{1} << bits_) {}

  void forget() { length_ = kNone; }
  // hash: of what the places have in common. The pixel (x, y) is to be coded.
  void find(const Canvas& canvas, uint32_t hash, int x, int y) {
    Place& place = places_[spread(hash) >> (32 - bits_)];
    if (length_ == kNone && place.y >= 0) {
      at_ = place;
      const uint32_t *here = canvas.row(y) + x, *there = canvas.row(at_.y) + at_.x;
      int left = 0, above = 0;
      while (left < std::min({kReach, x, at_.x}) && here[-1 - left] == there[-1 - left]) ++left;
      const int most = std::min(kReach, canvas.width() - std::max(x, at_.x));
      here -= canvas.stride();
      there -= canvas.stride();
      while (above < most && here[above] == there[above]) ++above;
      if (left >= kLeast) length_ = std::min(left, above + kLeast);
    }
    place = {x, y};
  }
  // -1 where there is no place.
  int length() const { return length_; }
  // 0..31; 0 where there is no place.
  int length_class() const { return length_ < 16 ? std::max(length_, 0) : std::min(31, 16 + (length_ - 16) / 8); }
  uint32_t number(const Canvas& canvas) const { return canvas.row(at_.y)[at_.x]; }
  void move_on(const Canvas& canvas, uint32_t number_here) {
    if (length_ == kNone) return;
    const bool same = number(canvas) == number_here && at_.x + 1 < canvas.width();
    length_ = same ? std::min(length_ + 1, kLongest) : kNone;
    ++at_.x;
  }

 private:
  struct Place {
    int x = 0, y = -1;  // no place yet
  };
  static constexpr int kNone = -1, kReach = 15, kLeast = 4, kLongest = 1000;

  int bits_;
  int length_ = kNone;
  Place at_;
  Vector<Place> places_;
};

// Earlier rows by the row before them.
class RowMemory {
 public:
  explicit RowMemory(int height) : bits_(table_bits(height, 0, 4, 16)), rows_(size_t{1} << bits_, 0) {}

  // The last row before row y that came after a row like y - 1, and remembers y as such; 0 where there is none.
  int find(const Canvas& canvas, int y) {
    uint32_t hash = 0;
    for (int x = 0; x < canvas.width(); ++x) hash = mix(hash, canvas.row(y - 1)[x]);
    int& place = rows_[spread(hash) >> (32 - bits_)];
    const int found = place;
    place = y;
    return found > 0 && canvas.same_rows(found - 1, y - 1) ? found : 0;
  }

 private:
  int bits_;
  Vector<int> rows_;
};

}  // namespace veneer::modular::graphics
