// What is known of a tile in the graphics form around the pixel to be coded: numbers of colours, and how they were coded.
// Source: docs/format.md, "Graphics form".
#pragma once
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstring>

#include "base/modular/graphics_colours.h"

namespace veneer::modular::graphics {

constexpr int kMargin = 8;     // pixels beyond either end of a row that contexts look at
constexpr int kRowsAbove = 4;  // that contexts look at
constexpr int kNeighbours = 36;

struct Offset {
  int8_t dx, dy;
};

// Neighbours of a pixel, about as near as they are early.
inline constexpr Offset kNeighbour[kNeighbours] = {
    {-1, 0},  {0, -1}, {-1, -1}, {1, -1},  {-2, 0},  {0, -2},  {2, -1},  {-2, -1}, {1, -2},
    {-1, -2}, {-3, 0}, {3, -1},  {-3, -1}, {2, -2},  {-2, -2}, {0, -3},  {-4, 0},  {4, -1},
    {-4, -1}, {1, -3}, {-1, -3}, {3, -2},  {-3, -2}, {5, -1},  {-5, 0},  {2, -3},  {-2, -3},
    {-5, -1}, {0, -4}, {4, -2},  {-4, -2}, {6, -1},  {1, -4},  {-1, -4}, {3, -3},  {-3, -3}};

enum Near { kW, kN, kNW, kNE, kWW, kNN, kNEE, kNWW, kNNE };

// Numbers of the colours of all pixels. Above the tile they are 0, left of it that of the pixel above, or 0, right of
// it that of the last pixel of the row.
class Canvas {
 public:
  Canvas(int width, int height)
      : width_(width),
        stride_(width + 2 * kMargin),
        numbers_(static_cast<size_t>(stride_) * (height + kRowsAbove), 0) {}

  uint32_t* row(int y) { return numbers_.data() + (y + kRowsAbove) * static_cast<ptrdiff_t>(stride_) + kMargin; }
  const uint32_t* row(int y) const { return const_cast<Canvas*>(this)->row(y); }
  int width() const { return width_; }
  ptrdiff_t stride() const { return stride_; }

  void begin_row(int y) { std::fill_n(row(y) - kMargin, kMargin, row(y - 1)[0]); }
  void end_row(int y) { std::fill_n(row(y) + width_, kMargin, row(y)[width_ - 1]); }
  bool same_rows(int a, int b) const { return std::memcmp(row(a), row(b), row_bytes()) == 0; }
  void copy_row(int from, int to) { std::memcpy(row(to), row(from), row_bytes()); }

 private:
  size_t row_bytes() const { return static_cast<size_t>(width_) * sizeof(uint32_t); }

  int width_, stride_;
  Vector<uint32_t> numbers_;
};

// How a pixel was coded: with others, or by the first candidate, by a later one, by its values.
enum State : uint8_t { kSkipped, kFirstCandidate, kLaterCandidate, kByValues };

// States of the pixels of two rows and errors of predicted values, 0 where a pixel was not coded by its values.
class History {
 public:
  explicit History(int width)
      : stride_(static_cast<size_t>(width) + 2), states_(stride_ * 2), errors_(stride_ * 2 * kMaxPlanes) {}

  void begin_row(int y) {
    std::fill_n(states(y) - 1, stride_, kSkipped);
    for (int c = 0; c < kMaxPlanes; ++c) std::fill_n(errors(y, c) - 1, stride_, uint16_t{0});
  }
  uint8_t* states(int y) { return states_.data() + stride_ * (y & 1) + 1; }
  uint16_t* errors(int y, int channel) {
    return errors_.data() + stride_ * static_cast<size_t>(2 * channel + (y & 1)) + 1;
  }

 private:
  size_t stride_;
  Vector<uint8_t> states_;
  Vector<uint16_t> errors_;
};

// 0, 1, 2, 3.., 5.., 9.., 17.., 33..
inline int level_of(int magnitude) {
  return magnitude < 3    ? magnitude
         : magnitude < 5  ? 3
         : magnitude < 9  ? 4
         : magnitude < 17 ? 5
         : magnitude < 33 ? 6
                          : 7;
}
// The same with a sign and one more step, 65..
inline int signed_level(int difference) {
  const int magnitude = difference < 0 ? -difference : difference;
  const int level = magnitude > 64 ? 8 : level_of(magnitude);
  return difference < 0 ? -level : level;
}

// A pixel's neighbours, their values, and hashes of them.
struct Surroundings {
  uint32_t number[kNeighbours];
  Colour colour[kNNE + 1];
  uint32_t hash[5];  // of the first 2, 4, 6, 10 and 18 neighbours
  uint32_t wide;     // of the first 30
  int distinct;      // numbers among the first six

  int value(Near near, int channel) const { return value_in(colour[near], channel); }
  int predicted(int channel) const { return gradient(value(kW, channel), value(kN, channel), value(kNW, channel)); }
  int activity(int channel) const {
    const int w = value(kW, channel), n = value(kN, channel), nw = value(kNW, channel), ne = value(kNE, channel);
    return std::abs(w - nw) + std::abs(n - nw) + std::abs(n - ne);
  }
};

constexpr int kHashes = 5;
constexpr int kHashed[kHashes] = {2, 4, 6, 10, 18};
constexpr int kWideHashed = 30;

inline void look_around(const Canvas& canvas, const Colours& colours, const uint32_t* at, Surroundings* s) {
  for (int i = 0; i < kNeighbours; ++i) s->number[i] = at[kNeighbour[i].dx + kNeighbour[i].dy * canvas.stride()];
  for (int i = 0; i <= kNNE; ++i) s->colour[i] = colours[s->number[i]];
  uint32_t hash = 0;
  for (int i = 0, h = 0; i < kWideHashed; ++i) {
    hash = mix(hash, s->number[i]);
    if (h < kHashes && i + 1 == kHashed[h]) s->hash[h++] = hash;
  }
  s->wide = hash;
  s->distinct = 0;
  for (int i = 0; i < 6; ++i) {
    bool is_new = true;
    for (int j = 0; j < i; ++j) is_new &= s->number[j] != s->number[i];
    s->distinct += is_new;
  }
}

}  // namespace veneer::modular::graphics
