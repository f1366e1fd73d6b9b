// A block of levels and what is known around it: predictions of its levels, and of its DC from the pixels at its borders.
//
// Source: docs/format.md, "Levels".
#pragma once
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <cstring>

#include "base/jpeg/level_kernels.h"
#include "base/jpeg/level_tables.h"

namespace veneer::jpeg {

constexpr int kMostCoefficient = 8191;  // what levels times steps are limited to

// What the blocks that follow need of one.
struct KeptBlock {
  int16_t rows[64] = {}, columns[64] = {};      // levels times steps, by row and by column
  int16_t bottom[2][8] = {}, right[2][8] = {};  // pixels of the last two rows and columns, in 1/8
  int16_t dc_error = 0;
  uint8_t inner = 0, edge[2] = {};  // levels other than 0
  bool known = false;

  int inner_or(int other) const { return known ? inner : other; }
};

struct DcPrediction {
  int value = 0;   // of DC times its step
  int spread = 0;  // how much its guesses differ
  int apart = 0;   // those at the left less those above, in the mean
};

struct BlockScene {
  int cls = 0;  // 0 luma, 1 Cb, 2 Cr
  const uint16_t* steps = nullptr;
  const int16_t* given = nullptr;  // levels to write; null when reading
  const int16_t* above_levels = nullptr;
  const int16_t *left_levels = nullptr, *above_left_levels = nullptr, *above_right_levels = nullptr,
                *left2_levels = nullptr, *above2_levels = nullptr;
  const KeptBlock *left = nullptr, *above = nullptr, *above_left = nullptr, *above_right = nullptr, *left2 = nullptr,
                  *above2 = nullptr;
  KeptBlock* own = nullptr;
  int16_t level[64] = {};               // those known, others 0
  int16_t luma[64] = {};                // of chroma: magnitudes of the luma at the same place
  int16_t cb[64] = {};                  // of Cr: Cb at the same place
  int columns_used = 0, rows_used = 0;  // bits: those with known levels other than 0
  int luma_inner = 0, cb_inner = 0, cb_dc_error = 0;

  // Of the level that comes next, in 1/16 level.
  LevelSums sums = {};
  int scale = 1;
  int predicted = 0;  // with its sign
  int expected = 0;   // its magnitude

  void put(int z, int value) {
    const int coefficient = std::clamp(value * static_cast<int>(steps[z]), -kMostCoefficient, kMostCoefficient);
    level[z] = static_cast<int16_t>(value);
    if (value != 0) {
      columns_used |= 1 << (z & 7);
      rows_used |= 1 << (z >> 3);
    }
    own->rows[z] = static_cast<int16_t>(coefficient);
    own->columns[(z & 7) * 8 + (z >> 3)] = static_cast<int16_t>(coefficient);
  }

  void predict(int z, const LevelKernels& kernels) {
    const int u = z & 7, v = z >> 3;
    const int16_t* const rows = own->rows;
    alignas(32) int16_t f[2 * kTaps];
    std::memcpy(f, left->rows + v * 8, 16);
    std::memcpy(f + 8, above->columns + u * 8, 16);
    std::memcpy(f + 16, rows + v * 8, 16);
    std::memcpy(f + 24, own->columns + u * 8, 16);
    if (v == 0) f[0] = difference(*above_right, *above_left);
    if (u == 0) f[8] = difference(*left, *above_left);
    f[32] = above_left->rows[z];
    f[33] = above_right->rows[z];
    f[34] = u > 0 && v > 0 ? rows[z - 9] : int16_t{0};
    f[35] = u < 7 && v > 0 ? rows[z - 7] : int16_t{0};
    f[36] = u > 0 && v < 7 ? rows[z + 7] : int16_t{0};
    f[37] = cb[z];
    f[38] = f[39] = 0;
    std::memcpy(f + kTaps, f, sizeof(int16_t) * kTaps);
    if (cls != 2) f[kTaps + 37] = left2->rows[z];
    f[kTaps + 38] = above2->rows[z];
    f[kTaps + 39] = luma[z];
    kernels.predict(f, level_weights(cls, z), magnitude_weights(cls, z), &sums);
    scale = steps[z] * 256;
    predicted = (sums.row + sums.column + sums.others) / scale;
    expected = std::max(0, sums.magnitude) / scale;
  }

  static int16_t difference(const KeptBlock& a, const KeptBlock& b) {
    return static_cast<int16_t>(std::clamp(a.rows[0] - b.rows[0], -kMostCoefficient, kMostCoefficient));
  }

  // From the neighbours' pixels at the borders and the slopes there.
  DcPrediction predict_dc() const {
    int at_left[8], at_top[8], sum_left = 0, sum_top = 0;
    for (int i = 0; i < 8; ++i) {
      at_left[i] = step_to(left->right[0][i], left->right[1][i], pixels[i * 8], pixels[i * 8 + 1]);
      at_top[i] = step_to(above->bottom[0][i], above->bottom[1][i], pixels[i], pixels[8 + i]);
      sum_left += at_left[i];
      sum_top += at_top[i];
    }
    int differ_left = 1, differ_top = 1;
    for (int i = 0; i < 8; ++i) {
      differ_left += std::abs(at_left[i] * 8 - sum_left) >> 3;
      differ_top += std::abs(at_top[i] * 8 - sum_top) >> 3;
    }
    DcPrediction p;
    if (left->known && above->known) {
      const int64_t both = static_cast<int64_t>(sum_left) * differ_top + static_cast<int64_t>(sum_top) * differ_left;
      int guesses[16];
      std::copy_n(at_left, 8, guesses);
      std::copy_n(at_top, 8, guesses + 8);
      std::sort(guesses, guesses + 16);
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
  static int step_to(int far, int near, int first, int second) {
    return near - first + ((near - far + second - first) >> 2);
  }

  // Once DC is known.
  void keep() {
    const int dc = own->rows[0];
    const auto kept = [&](int pixel) { return static_cast<int16_t>(pixel + dc); };
    for (int i = 0; i < 8; ++i) {
      own->bottom[0][i] = kept(pixels[48 + i]);
      own->bottom[1][i] = kept(pixels[56 + i]);
      own->right[0][i] = kept(pixels[i * 8 + 6]);
      own->right[1][i] = kept(pixels[i * 8 + 7]);
    }
    own->known = true;
  }

  int16_t pixels[64] = {};  // of the block without DC, in 1/8
};

}  // namespace veneer::jpeg
