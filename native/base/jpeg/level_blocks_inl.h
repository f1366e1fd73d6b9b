// A block of levels and what is known around it: predictions of its levels, and of its DC from the pixels at its borders.
//
// VENEER_TARGET names the namespace. Nothing here is a symbol that another source may define (common/inline.h).
// Source: docs/format.md, "Levels".
#pragma once
#include <cstddef>
#include <cstdint>

#include "base/jpeg/level_arithmetic_inl.h"
#include "base/jpeg/level_tables.h"
#include "base/jpeg/level_tile.h"

namespace veneer::jpeg::VENEER_TARGET {
namespace {

constexpr int kMostCoefficient = 8191;  // what levels times steps are limited to

// Divides by the steps of a plane: for 0 <= n < 2^24 and steps below 2^16, n * ceil(2^40 / step) >> 40 is the quotient,
// since n * (what the ceiling adds) < 2^40.
struct Steps {
  const uint16_t* of;
  uint64_t inverse[kBlockSize];

  void set(const uint16_t* steps) {
    of = steps;
    for (int z = 0; z < kBlockSize; ++z) inverse[z] = ((uint64_t{1} << 40) + steps[z] - 1) / steps[z];
  }
  VENEER_INLINE int quotient(int n, int z) const {
    return static_cast<int>(static_cast<uint64_t>(static_cast<uint32_t>(n)) * inverse[z] >> 40);
  }
  // sum / (256 step), towards 0; |sum| < 2^31.
  VENEER_INLINE int levels16(int sum, int z) const {
    const int size = quotient(size_of(sum) >> 8, z), negative = sum >> 31;
    return (size ^ negative) - negative;
  }
};

// Places around each position of a block, kNowhere outside of it.
struct Places {
  uint8_t diagonal[kBlockSize][3];  // coefficients: above on the left, above on the right, below on the left
  uint8_t near[kBlockSize][7];      // levels: two that weigh 4, five that weigh 2
  uint8_t signs[kBlockSize][4];     // levels: two before in the row and in the column, one before in each
};
constexpr uint8_t place_at(int u, int v) {
  return static_cast<uint8_t>(u < 0 || v < 0 || u > 7 || v > 7 ? kNowhere : v * 8 + u);
}
constexpr Places make_places() {
  Places p{};
  for (int z = 0; z < kBlockSize; ++z) {
    const int u = z & 7, v = z >> 3;
    p.diagonal[z][0] = place_at(u - 1, v - 1);
    p.diagonal[z][1] = place_at(u + 1, v - 1);
    p.diagonal[z][2] = place_at(u - 1, v + 1);
    const int inner[7][2] = {{u - 1, v},     {u, v - 1}, {u - 1, v - 1}, {u + 1, v - 1},
                             {u - 1, v + 1}, {u - 2, v}, {u, v - 2}};
    const int row[7][2] = {{u - 1, 0}, {u, 1}, {u - 1, 1}, {u, 2}, {u - 2, 0}, {u + 1, 1}, {-1, -1}};
    const int column[7][2] = {{1, v}, {0, v - 1}, {1, v - 1}, {2, v}, {1, v + 1}, {0, v - 2}, {-1, -1}};
    for (int i = 0; i < 7; ++i) {
      const int* const at = u > 0 && v > 0 ? inner[i] : v == 0 ? row[i] : column[i];
      p.near[z][i] = place_at(at[0], at[1]);
    }
    const bool in_row = v == 0, in_column = u == 0 && v > 0;
    p.signs[z][0] = in_column ? place_at(2, v) : place_at(u - 2, v);
    p.signs[z][1] = in_row ? place_at(u, 2) : place_at(u, v - 2);
    p.signs[z][2] = in_column ? place_at(1, v) : place_at(u - 1, v);
    p.signs[z][3] = in_row ? place_at(u, 1) : place_at(u, v - 1);
  }
  return p;
}
constexpr Places kPlaces = make_places();

VENEER_INLINE int inner_or(const KeptBlock& block, int other) { return block.known ? block.inner : other; }

VENEER_INLINE int16_t difference(const KeptBlock& a, const KeptBlock& b) {
  return static_cast<int16_t>(bounded(a.rows[0] - b.rows[0], -kMostCoefficient, kMostCoefficient));
}

// The merging network of Batcher for 16 numbers: pairs that are put in order one after the other.
struct SortingNetwork {
  uint8_t pair[63][2];
};
constexpr SortingNetwork make_sorting_network() {
  SortingNetwork network{};
  int count = 0;
  for (int size = 1; size < 16; size *= 2) {
    for (int step = size; step > 0; step /= 2) {
      for (int first = step % size; first + step < 16; first += 2 * step) {
        for (int i = first; i < first + step && i + step < 16; ++i) {
          if (i / (2 * size) != (i + step) / (2 * size)) continue;
          network.pair[count][0] = static_cast<uint8_t>(i);
          network.pair[count++][1] = static_cast<uint8_t>(i + step);
        }
      }
    }
  }
  return network;
}
constexpr SortingNetwork kNetwork = make_sorting_network();

VENEER_INLINE void sort16(int* x) {
  VENEER_UNROLL(63)
  for (int i = 0; i < 63; ++i) {
    int &first = x[kNetwork.pair[i][0]], &second = x[kNetwork.pair[i][1]];
    const int low = least(first, second), high = most(first, second);
    first = low;
    second = high;
  }
}

struct DcPrediction {
  int value;   // of DC times its step
  int spread;  // how much its guesses differ
  int apart;   // those at the left less those above, in the mean
};

struct BlockScene {
  int cls;  // 0 luma, 1 Cb, 2 Cr
  Steps steps;
  const int16_t* given;  // levels to write; null when reading
  const int16_t *left_levels, *above_levels, *above_left_levels, *above_right_levels, *left2_levels, *above2_levels;
  const KeptBlock *left, *above, *above_left, *above_right, *left2, *above2;
  KeptBlock* own;
  alignas(32) int16_t level[kBlockSize + 8];  // those known, others and those from kNowhere on 0
  alignas(32) int16_t luma[kBlockSize];       // of chroma: magnitudes of the luma at the same place
  alignas(32) int16_t cb[kBlockSize];         // of Cr: Cb at the same place
  int columns_used, rows_used;                // bits: those with known levels other than 0
  int luma_inner, cb_inner, cb_dc_error;
  alignas(32) int16_t pixels[kBlockSize];  // of the block without DC, in 1/8

  // Of the level that comes next, in 1/16 level.
  LevelSums sums;
  int predicted;  // with its sign
  int expected;   // its magnitude

  VENEER_INLINE void put(int z, int value) {
    if (value == 0) return;  // it is 0 already
    const int coefficient = bounded(value * static_cast<int>(steps.of[z]), -kMostCoefficient, kMostCoefficient);
    level[z] = static_cast<int16_t>(value);
    columns_used |= 1 << (z & 7);
    rows_used |= 1 << (z >> 3);
    own->rows[z] = static_cast<int16_t>(coefficient);
    own->columns[(z & 7) * 8 + (z >> 3)] = static_cast<int16_t>(coefficient);
  }

  VENEER_INLINE Features features_of(int z) const {
    const int u = z & 7, v = z >> 3;
    const int16_t* const rows = own->rows;
    Features f;
    f.left_row = left->rows + v * 8;
    f.above_column = above->columns + u * 8;
    f.row = rows + v * 8;
    f.column = own->columns + u * 8;
    f.left_first = v == 0 ? difference(*above_right, *above_left) : f.left_row[0];
    f.above_first = u == 0 ? difference(*left, *above_left) : f.above_column[0];
    f.others[0] = above_left->rows[z];
    f.others[1] = above_right->rows[z];
    for (int i = 0; i < 3; ++i) f.others[2 + i] = rows[kPlaces.diagonal[z][i]];
    f.cb = cb[z];
    f.of_magnitude[0] = cls != 2 ? left2->rows[z] : cb[z];
    f.of_magnitude[1] = above2->rows[z];
    f.of_magnitude[2] = luma[z];
    return f;
  }
  VENEER_INLINE void expect_magnitude(const Features& f, int z) {
    expected = steps.levels16(most(0, predict_magnitude(f, magnitude_weights_of + z * kTaps)), z);
  }
  VENEER_INLINE void expect_level(const Features& f, int z) {
    sums = predict_level(f, level_weights_of + z * kTaps);
    predicted = steps.levels16(sums.row + sums.column + sums.others, z);
  }

  // From the neighbours' pixels at the borders and the slopes there.
  DcPrediction predict_dc() const {
    int guesses[16], sum_left = 0, sum_top = 0;
    int *const at_left = guesses, *const at_top = guesses + 8;
    for (int i = 0; i < 8; ++i) {
      at_left[i] = step_to(left->right[0][i], left->right[1][i], pixels[i * 8], pixels[i * 8 + 1]);
      at_top[i] = step_to(above->bottom[0][i], above->bottom[1][i], pixels[i], pixels[8 + i]);
      sum_left += at_left[i];
      sum_top += at_top[i];
    }
    int differ_left = 1, differ_top = 1;
    for (int i = 0; i < 8; ++i) {
      differ_left += size_of(at_left[i] * 8 - sum_left) >> 3;
      differ_top += size_of(at_top[i] * 8 - sum_top) >> 3;
    }
    DcPrediction p = {};
    if (left->known && above->known) {
      const int64_t both = static_cast<int64_t>(sum_left) * differ_top + static_cast<int64_t>(sum_top) * differ_left;
      sort16(guesses);
      int middle = 0;
      for (int i = 4; i < 12; ++i) middle += guesses[i];
      p.value = (static_cast<int>(both / (differ_left + differ_top)) + middle) >> 4;
      p.spread = (differ_left + differ_top) / 2;
      p.apart = (sum_left - sum_top) / 8;
    } else if (left->known) {
      p.value = sum_left >> 3;
      p.spread = differ_left;
    } else if (above->known) {
      p.value = sum_top >> 3;
      p.spread = differ_top;
    }
    return p;
  }

  // Where the two pixels beyond a border and the two within continue each other, the latter without DC.
  static VENEER_INLINE int step_to(int far, int near, int first, int second) {
    return near - first + ((near - far + second - first) >> 2);
  }

  // Once DC is known.
  void keep() {
    const int dc = own->rows[0];
    const auto kept = [&](int pixel) { return static_cast<int16_t>(pixel + dc); };
    for (int i = 0; i < 8; ++i) own->bottom[0][i] = kept(pixels[48 + i]);
    for (int i = 0; i < 8; ++i) own->bottom[1][i] = kept(pixels[56 + i]);
    for (int i = 0; i < 8; ++i) {
      own->right[0][i] = kept(pixels[i * 8 + 6]);
      own->right[1][i] = kept(pixels[i * 8 + 7]);
    }
    own->known = true;
  }

  const int16_t *level_weights_of, *magnitude_weights_of;  // of the class, kTaps numbers for each position
};

}  // namespace
}  // namespace veneer::jpeg::VENEER_TARGET
