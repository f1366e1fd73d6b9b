// The syntax of an alpha plane that is not constant, over a reader or a writer (bit_io.h, enc_bit_io.h): rows, groups, samples.
//
// Place: between alpha.cpp, enc_alpha.cpp and the mixing of contexts.
// Source: docs/format.md, "Alpha plane".
#pragma once
#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <cstring>

#include "alpha_mixing.h"

namespace veneer::alpha {

constexpr int kMargin = 4;        // samples beyond either end of a row that contexts look at
constexpr int kRows = 4;          // the current one and those that contexts look at
constexpr int kGroup = 32;        // samples that are coded as one where all around them is equal
constexpr int kSmoothRange = 32;  // largest difference of neighbours on a slope
constexpr int kPrefixBits = 7;
constexpr int kTreeNodes = 16;
constexpr int kTailBits = 3;

// Decisions of the first slot of a pixel.
enum Node { kPartial, kOpaque, kExact, kBelow, kPrefix };
// Weights: for the first slot, for the halves of a value, and from kMantissa on for the bits of a difference.
enum Kind { kFirst, kHighNibble, kLowNibble, kMantissa };
static_assert(kMantissa + kPrefixBits == kAlphaMixKinds);

// What a value is: transparent, partial, opaque.
inline int three_states(int v) { return v == 0 ? 0 : v == 255 ? 2 : 1; }
inline int five_states(int v) { return v == 0 ? 0 : v == 255 ? 4 : v < 86 ? 1 : v < 171 ? 2 : 3; }
inline int eight_levels(int v) { return v < 3 ? v : v < 5 ? 3 : v < 9 ? 4 : v < 17 ? 5 : v < 40 ? 6 : 7; }

// The rows that predict sample x of the current one.
struct Rows {
  uint8_t *current, *up, *up2, *up3;
  uint8_t *error, *error_up;  // of the predictions of partial samples
};

// What the neighbours of a sample say about it.
struct Surroundings {
  bool edge;  // else a slope
  int predicted;
  AlphaKey keys[kAlphaContexts];
};

inline void keys_of_edge(const Rows& r, int x, uint32_t corner, AlphaKey* keys) {
  const uint8_t *c = r.current + x, *u = r.up + x, *v = r.up2 + x, *t = r.up3 + x;
  uint32_t near = corner, far = 0, outline = 0;
  for (int s : {c[-2], v[0], v[1], u[2]}) near = near * 3 + three_states(s);
  for (int s : {v[-1], u[-2], c[-3], u[3], v[2]}) far = far * 3 + three_states(s);
  for (int s : {c[-1], c[-2], c[-3], c[-4], u[-3], u[-2], u[-1], u[0],  u[1], u[2], u[3], u[4],
                v[-2], v[-1], v[0],  v[1],  v[2],  v[3],  t[-2], t[-1], t[0], t[1], t[2]}) {
    outline = outline << 1 | s >> 7;
  }
  keys[1] = {near, 0};
  keys[2] = {near, far};
  keys[4] = {outline, corner};
  keys[5] = {static_cast<uint32_t>(c[-1] | u[0] << 8 | u[1] << 16) | static_cast<uint32_t>(c[-2]) << 24, v[0]};
}

inline void keys_of_slope(const Rows& r, int x, uint32_t energy, int predicted, AlphaKey* keys) {
  const uint8_t *c = r.current + x, *u = r.up + x, *v = r.up2 + x;
  uint32_t steps = 0, differences = 0;
  for (int s :
       {c[-1], u[0], u[-1], u[1], c[-2], v[0], v[1], u[2], v[-1], u[-2], c[-3], u[3], u[-3], v[2], v[-2], v[3]}) {
    steps = steps * 3 + (s > u[0] ? 2 : s < u[0] ? 0 : 1);
  }
  for (int s : {c[-1], u[0], u[-1], u[1], c[-2], v[0], v[1], u[2]}) {
    differences = differences * 7 + static_cast<uint32_t>(std::clamp(s - predicted, -3, 3) + 3);
  }
  keys[1] = {static_cast<uint32_t>(c[-1] | u[0] << 8), static_cast<uint32_t>(2 * u[0] - v[0] + 255)};
  keys[2] = {steps, static_cast<uint32_t>(c[-1] - u[0] + 255)};
  keys[4] = {differences, 0};
  keys[5] = {static_cast<uint32_t>((c[-1] - c[-2] + 255) | (u[0] - u[-1] + 255) << 10 | (u[1] - u[0] + 255) << 20),
             energy};
}

inline Surroundings look_around(const Rows& r, int x) {
  const int w = r.current[x - 1], n = r.up[x], nw = r.up[x - 1], ne = r.up[x + 1];
  const int low = std::min(w, n), high = std::max(w, n);
  Surroundings s;
  const bool flat = w == n && n == nw && n == ne;
  s.edge = std::max({high, nw, ne}) - std::min({low, nw, ne}) > kSmoothRange || (flat && (n == 0 || n == 255));
  s.predicted = gradient(w, n, nw);
  const uint8_t *e = r.error + x, *f = r.error_up + x;
  const int errors = std::min(255, (2 * e[-1] + 2 * f[0] + f[-1] + f[1]) / 3);
  const int gradients = (std::abs(w - nw) + std::abs(n - nw) + std::abs(n - ne)) / 2;
  const uint32_t energy = static_cast<uint32_t>(eight_levels(errors) * 8 + eight_levels(gradients));
  uint32_t corner = 0;
  for (int v : {w, n, nw, ne}) corner = corner * 5 + five_states(v);
  s.keys[0] = {corner, energy};
  s.keys[3] = {static_cast<uint32_t>(w | n << 8 | nw << 16) | static_cast<uint32_t>(ne) << 24, 0};
  if (s.edge) {
    keys_of_edge(r, x, corner, s.keys);
  } else {
    keys_of_slope(r, x, energy, s.predicted, s.keys);
  }
  s.predicted = std::clamp(s.predicted, 1, 254);
  return s;
}

// Adaptive state of a plane and the syntax of its parts, which serves both directions.
class AlphaModels {
 public:
  explicit AlphaModels(int64_t pixels) : mixer_(pixels) {
    std::fill(std::begin(row_), std::end(row_), kFreshModel);
    std::fill_n(&group_[0][0], 6, kFreshModel);
    std::fill_n(&tail_[0][0], kTailBits * kPrefixBits, kFreshModel);
  }

  template <class Io>
  bool row_repeats(Io& io, bool repeats) {
    previous_repeats_ = io.bit(row_[previous_repeats_], repeats);
    return previous_repeats_;
  }

  template <class Io>
  bool group_is_flat(Io& io, int state, bool second_row, bool flat) {
    return io.bit(group_[state][second_row], flat);
  }

  // Codes sample x of the current row and the error of its prediction.
  template <class Io>
  void sample(Io& io, const Rows& rows, int x) {
    const Surroundings around = look_around(rows, x);
    int value = rows.current[x];
    mixer_.choose(around.keys, around.edge);
    rows.error[x] = 0;
    if (!mixer_.bit(io, kFirst, kPartial, value > 0 && value < 255)) {
      rows.current[x] = mixer_.bit(io, kFirst, kOpaque, value == 255) ? 255 : 0;
      return;
    }
    value = around.edge ? nibbles(io, value) : around.predicted + difference(io, value - around.predicted);
    rows.current[x] = static_cast<uint8_t>(std::clamp(value, 1, 254));
    rows.error[x] = static_cast<uint8_t>(std::abs(rows.current[x] - around.predicted));
  }

 private:
  // On an edge values say more than differences: those that occur are few, and those that recur have the same
  // neighbours.
  template <class Io>
  int nibbles(Io& io, int value) {
    mixer_.refine(1);
    int node = 1;
    for (int i = 7; i >= 4; --i) node = node << 1 | mixer_.bit(io, kHighNibble, node, value >> i & 1);
    const int high = node - kTreeNodes;
    mixer_.refine(static_cast<uint32_t>(node));
    node = 1;
    for (int i = 3; i >= 0; --i) node = node << 1 | mixer_.bit(io, kLowNibble, node, value >> i & 1);
    return high << 4 | (node - kTreeNodes);
  }

  template <class Io>
  int difference(Io& io, int difference) {
    if (mixer_.bit(io, kFirst, kExact, difference == 0)) return 0;
    const bool below = mixer_.bit(io, kFirst, kBelow, difference < 0);
    const int target = std::abs(difference);
    int bits = 0;
    while (bits < kPrefixBits && mixer_.bit(io, kFirst, kPrefix + bits, target >> (bits + 1) != 0)) ++bits;
    int magnitude = 1;
    if (bits > 0) mixer_.refine(static_cast<uint32_t>(2 * bits + below));
    for (int i = bits - 1; i >= 0; --i) {
      const int bit = target >> i & 1;
      const int coded = magnitude < kTreeNodes ? mixer_.bit(io, kMantissa + bits - 1, magnitude, bit)
                                               : io.bit(tail_[bits - 1][i], bit);
      magnitude = magnitude << 1 | coded;
    }
    return below ? -magnitude : magnitude;
  }

  AlphaMixer mixer_;
  bool previous_repeats_ = false;
  BitModel row_[2];                        // [the row above repeats the one above it]
  BitModel group_[3][2];                   // [state of the samples around][the second row above is the same]
  BitModel tail_[kPrefixBits][kTailBits];  // [bits of a difference - 1][which], those below the tree
};

inline bool all_equal(const uint8_t* samples, int count, uint8_t value) {
  return samples[0] == value && std::memcmp(samples, samples + 1, static_cast<size_t>(count - 1)) == 0;
}

// Until the first row is known, all above it are like the sample before the current one.
inline void pretend_above(const Rows& rows, int x, int count) {
  for (uint8_t* row : {rows.up, rows.up2, rows.up3}) {
    std::memset(row + x - kMargin, rows.current[x - 1], static_cast<size_t>(count + 2 * kMargin));
  }
}

// The current row of samples: known to a writer, filled in by a reader.
template <class Io>
void code_row(Io& io, AlphaModels& models, const Rows& rows, int w, bool first) {
  const size_t bytes = static_cast<size_t>(w);
  if (!first && models.row_repeats(io, !Io::kReads && std::memcmp(rows.current, rows.up, bytes) == 0)) {
    std::memcpy(rows.current, rows.up, bytes);
    std::memset(rows.error, 0, bytes);
    return;
  }
  for (int x = 0; x < w; x += kGroup) {
    const int count = std::min(kGroup, w - x);
    const uint8_t value = rows.current[x - 1];
    if (first) pretend_above(rows, x, count);
    if (all_equal(rows.up + x - 1, count + 2, value)) {
      const bool flat = !Io::kReads && all_equal(rows.current + x, count, value);
      if (models.group_is_flat(io, three_states(value), all_equal(rows.up2 + x, count, value), flat)) {
        std::memset(rows.current + x, value, static_cast<size_t>(count));
        std::memset(rows.error + x, 0, static_cast<size_t>(count));
        continue;
      }
    }
    for (int i = x; i < x + count; ++i) {
      if (first) pretend_above(rows, i, 1);
      models.sample(io, rows, i);
    }
  }
}

// All rows of a plane that is not constant. load(y, row) gives a writer its samples, store(y, row) takes them from a
// reader. False if the data cannot be a payload.
template <class Io, class Load, class Store>
bool code_rows(Io& io, int w, int h, Load load, Store store) {
  const size_t stride = static_cast<size_t>(w) + 2 * kMargin;
  Vector<uint8_t> samples(stride * kRows), errors(stride * 2);
  const auto row = [&](int y) { return samples.data() + stride * static_cast<size_t>((y + kRows) % kRows) + kMargin; };
  const auto error = [&](int y) { return errors.data() + stride * static_cast<size_t>(y & 1) + kMargin; };
  AlphaModels models(static_cast<int64_t>(w) * h);
  for (int y = 0; y < h; ++y) {
    const Rows rows{row(y), row(y - 1), row(y - 2), row(y - 3), error(y), error(y + 1)};
    load(y, rows.current);
    std::memset(rows.current - kMargin, rows.up[0], kMargin);
    code_row(io, models, rows, w, y == 0);
    std::memset(rows.current + w, rows.current[w - 1], kMargin);
    if (y == 0) {
      for (uint8_t* above : {rows.up, rows.up2, rows.up3}) {
        std::memcpy(above - kMargin, rows.current - kMargin, stride);
      }
    }
    store(y, rows.current);
    if constexpr (Io::kReads) {
      if (!io.valid()) return false;
    }
  }
  return true;
}

}  // namespace veneer::alpha
