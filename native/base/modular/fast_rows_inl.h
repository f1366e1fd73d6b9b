// A row of a plane in the fast form, over whatever reads, writes or looks at its decisions.
//
// Place: a loop of fast_avx2.cpp and the like, which include the lanes before this; VENEER_TARGET names the namespace.
// An Io has kProbes: whether it takes what errors are expected from, and no decisions.
// Source: docs/format.md, "Fast form".
#pragma once
#include <cstdint>

#include "base/modular/fast_state.h"
#include "common/bits.h"
#include "common/inline.h"
#include "common/unroll.h"

namespace veneer::modular::fast::VENEER_TARGET {
namespace {

VENEER_INLINE int absolute(int v) { return v < 0 ? -v : v; }
VENEER_INLINE int clamped(int v, int low, int high) { return v < low ? low : v > high ? high : v; }

VENEER_INLINE uint32_t pair_at(const int16_t* p) {
  return static_cast<uint16_t>(p[0]) | static_cast<uint32_t>(static_cast<uint16_t>(p[1])) << 16;
}

// The class of an expected error, four an octave. energy >= 0.
VENEER_INLINE int level_of(int energy) {
  const auto t = static_cast<uint32_t>(energy) + 4;
  const int log = highest_bit(t);
  const int level = 4 * (log - 2) + static_cast<int>((t >> (log - 2)) & 3);
  return level < kLevels ? level : kLevels - 1;
}

// The residual is a multiple of 2^shift, plus what is left.
VENEER_INLINE int shift_of(int level, int unit) {
  const int shift = unit + ((level - kShiftLevel) >> 2);
  return clamped(shift, 0, kShifts - 1);
}

// What a size has beyond those that are counted one by one.
template <class Io>
VENEER_INLINE int code_excess(Io& io, BitModel* node, int excess) {
  const auto number = static_cast<uint32_t>(excess) + 1;
  int bits = 0;
  while (bits < kMostPrefix && io.bit(node[bits], number >> (bits + 1) != 0)) ++bits;
  const uint32_t top = 1u << bits;
  return static_cast<int>(top | (bits > 0 ? io.raw(bits, number & (top - 1)) : 0u)) - 1;
}

// The nearest multiple of 2^shift, and what the residual has beyond it.
template <class Io>
VENEER_INLINE int code_residual(Io& io, BitModel* node, BitModel (*low)[kLowModels], int shift, int residual) {
  const int raised = residual + (1 << shift >> 1);
  int size = absolute(raised >> shift), coded = 0, below = 0;
  if (io.bit(node[0], size != 0)) {
    below = io.bit(node[1], raised < 0);
    coded = 1;
    while (coded <= kUnary && io.bit(node[1 + coded], size > coded)) ++coded;
    if (coded > kUnary) coded += code_excess(io, node + 2 + kUnary, size - coded);
  }
  const int multiple = below ? -coded : coded;
  if (shift == 0) return multiple;
  const auto rest = static_cast<uint32_t>(raised) & ((1u << shift) - 1);
  const int top = io.bit(low[shift][2 * (coded < 3 ? coded : 3) + below], static_cast<int>(rest >> (shift - 1)));
  const uint32_t lower = shift > 1 ? io.raw(shift - 1, rest & ((1u << (shift - 1)) - 1)) : 0u;
  return multiple * (1 << shift) + (top << (shift - 1)) + static_cast<int>(lower) - (1 << shift >> 1);
}

// Pointers to sample 0 of what a row is coded from. Of other rows, `up` is the one above, `up2` the one above that, `down`
// the one below.
template <int kPlane>
struct Row {
  int16_t* sample;
  const int16_t *sample_up, *sample_up2;
  const int16_t *other[kPlane + 1], *other_up[kPlane + 1], *other_down[kPlane + 1];  // of planes before
  uint16_t *error, *size;
  const uint16_t *error_up, *error_up2;
  uint8_t* sign;

  VENEER_INLINE Row(const PlaneState* planes, int y) {
    const PlaneState& s = planes[kPlane];
    const int now = y & (kRing - 1), above = (y - 1) & (kRing - 1), above2 = (y - 2) & (kRing - 1);
    for (int p = 0; p < kPlane; ++p) {
      other[p] = planes[p].sample[now];
      other_up[p] = planes[p].sample[above];
      other_down[p] = planes[p].sample[(y + 1) & (kRing - 1)];
    }
    sample = s.sample[now], sample_up = s.sample[above], sample_up2 = s.sample[above2];
    error = s.error[now], error_up = s.error[above], error_up2 = s.error[above2];
    size = s.size[now], sign = s.sign[now];
  }
};

// What the rows above and the planes before say, for a whole row: about the size of errors, and about their signs.
template <int kPlane>
VENEER_INLINE void prepare_row(const PlaneState* planes, int y, int32_t* energy, uint8_t* signs) {
  const PlaneState& s = planes[kPlane];
  const uint16_t *up = s.size[(y - 1) & (kRing - 1)], *up2 = s.size[(y - 2) & (kRing - 1)];
  const int32_t* w = s.energy;
  const int32_t constant = w[8] * 256, n = w[2], nw = w[3], ne = w[4], nne = w[5], nn = w[6];
  const int width = s.width;
  for (int x = 0; x < width; ++x) {
    energy[x] = constant + n * up[x] + nw * up[x - 1] + ne * up[x + 1] + nne * up[x + 2] + nn * up2[x];
  }
  const uint8_t* sign_up = s.sign[(y - 1) & (kRing - 1)];
  for (int x = 0; x < width; ++x) signs[x] = sign_up[x];
  for (int p = 0; p < kPlane; ++p) {
    const uint16_t *at = planes[p].size[y & (kRing - 1)], *down = planes[p].size[(y + 1) & (kRing - 1)];
    const int32_t same = w[kOwnFeatures + 2 * p], around = w[kOwnFeatures + 2 * p + 1];
    for (int x = 0; x < width; ++x) energy[x] += same * at[x] + around * (at[x + 1] + down[x]);
    const uint8_t* sign = planes[p].sign[y & (kRing - 1)];
    for (int x = 0; x < width; ++x) signs[x] = static_cast<uint8_t>(signs[x] * 3 + sign[x]);
  }
}

// Gives what the size of the error of sample x is expected from, and that size.
template <class Io>
VENEER_INLINE void probe(Io& io, const PlaneState* planes, int c, int x, int y, int size_1, int size_2, int least,
                         int size) {
  const PlaneState& s = planes[c];
  const uint16_t *up = s.size[(y - 1) & (kRing - 1)] + x, *up2 = s.size[(y - 2) & (kRing - 1)] + x;
  int32_t f[kMostFeatures] = {size_1, size_2, up[0], up[-1], up[1], up[2], up2[0], least, 256};
  for (int p = 0; p < c; ++p) {
    const uint16_t *at = planes[p].size[y & (kRing - 1)] + x, *down = planes[p].size[(y + 1) & (kRing - 1)] + x;
    f[kOwnFeatures + 2 * p] = at[0];
    f[kOwnFeatures + 2 * p + 1] = at[1] + down[0];
  }
  io.take(x, f, features_of(c), size);
}

// The sums of products with all samples but those just before x.
template <int kPlane>
VENEER_INLINE Sums sums_around(const PlaneState& s, const Row<kPlane>& r, int x) {
  Sums sums = no_sums();
#define VENEER_ADD(index, row, dx) sums = add_pair(sums, s.weight[index], pair_at((row) + x + (dx)))
  VENEER_ADD(1, r.sample, -4);
  VENEER_ADD(2, r.sample_up, -3);
  VENEER_ADD(3, r.sample_up, -1);
  VENEER_ADD(4, r.sample_up, 1);
  VENEER_ADD(5, r.sample_up2, -2);
  VENEER_ADD(6, r.sample_up2, 0);
  VENEER_ADD(7, r.sample_up2, 2);
  VENEER_UNROLL(2)
  for (int p = 0; p < kPlane; ++p) {
    const int i = kOwn + p * kCross;
    VENEER_ADD(i, r.other[p], -1);
    VENEER_ADD(i + 1, r.other[p], 1);
    VENEER_ADD(i + 2, r.other_up[p], -1);
    VENEER_ADD(i + 3, r.other_up[p], 1);
    VENEER_ADD(i + 4, r.other_down[p], -1);
    VENEER_ADD(i + 5, r.other_down[p], 1);
  }
#undef VENEER_ADD
  return sums;
}

// While the first row is coded, all above it is like the sample before.
VENEER_INLINE void pretend_above(PlaneState& s, int x, int before) {
  for (int above = kRing - 2; above < kRing; ++above) {
    for (int i = x - kMargin; i < x + kMargin; ++i) s.sample[above][i] = static_cast<int16_t>(before);
  }
}

VENEER_INLINE Errors double_of(Errors e) { return add_errors(e, e); }

// Codes row y of plane c. All that it looks at is there, beyond the ends of rows too.
template <int kPlane, class Io>
VENEER_INLINE void code_row_of(Io& io, PlaneState* planes, int y) {
  PlaneState& s = planes[kPlane];
  prepare_row<kPlane>(planes, y, s.energy_row, s.signs_row);
  const Row<kPlane> r(planes, y);
  const int most = s.most, most16 = 16 * most, middle = s.middle, middle16 = 16 * middle, unit = s.unit,
            width = s.width;
  const int energy_1 = s.energy[0], energy_2 = s.energy[1], energy_least = s.energy[7];
  int before = r.sample[-1], before2 = r.sample[-2], size_1 = r.size[-1], size_2 = r.size[-2], sign_1 = r.sign[-1];
  Errors error_1 = load_errors(r.error - kExperts), error_2 = load_errors(r.error - 2 * kExperts);
  const uint16_t* up = r.error_up;
  Errors error_nw = load_errors(up - kExperts), error_n = load_errors(up), error_ne = load_errors(up + kExperts);
  for (int x = 0; x < width; ++x) {
    if (y == 0) pretend_above(s, x, before);
    Sums sums = sums_around(s, r, x);
    const Errors error_nne = load_errors(up + (x + 2) * kExperts);
    Errors near = add_errors(add_errors(double_of(add_errors(error_n, error_ne)), error_nw),
                             add_errors(error_nne, load_errors(r.error_up2 + x * kExperts)));
    error_nw = error_n, error_n = error_ne, error_ne = error_nne;
    // From here on, each sample waits for the one before.
    sums = add_pair(sums, s.weight[0], static_cast<uint16_t>(before2) | static_cast<uint32_t>(before) << 16);
    near = add_errors(near, add_errors(double_of(error_1), error_2));
    const Sums each = predictions(sums, middle16, most16);
    const Blend mixed = blend(each, near);
    int energy = s.energy_row[x] + energy_1 * size_1 + energy_2 * size_2 + energy_least * mixed.least;
    energy = (energy < 0 ? 0 : energy) >> 8;
    const int level = level_of(energy);
    const int at = (mixed.value >> 4) - middle;
    const int texture = four_above(r.sample_up + x - 1, at) | (before > at) << 4;
    int32_t &bias = s.texture_bias[texture][level], &bias2 = s.sign_bias[sign_1 * 27 + s.signs_row[x]];
    int centre = mixed.value;
    if (!Io::kProbes) centre = clamped(centre + ((bias + bias2 + (1 << kBiasBits)) >> (kBiasBits + 1)), 0, most16);
    const int nearest = (centre + 8) >> 4, fraction = centre - 16 * nearest;
    const int flip = fraction >> 31, part = ((fraction ^ flip) - flip) * 11 >> 5;
    int value = r.sample[x] + middle;
    int residual = ((value - nearest) ^ flip) - flip;
    residual = code_residual(io, s.model[level][part], s.low, shift_of(level, unit), residual);
    value = clamped(nearest + ((residual ^ flip) - flip), 0, most);
    before2 = before;
    before = value - middle;
    r.sample[x] = static_cast<int16_t>(before);
    error_2 = error_1;
    error_1 = errors_of(each, 16 * value, unit);
    store_errors(r.error + x * kExperts, error_1);
    const int miss = (16 * value - mixed.value) * (1 << kBiasBits);
    bias += (miss - bias) >> 6;
    bias2 += (miss - bias2) >> 7;
    const int left = 16 * value - centre, size = absolute(left) >> unit;
    if constexpr (Io::kProbes) probe(io, planes, kPlane, x, y, size_1, size_2, mixed.least, size);
    size_2 = size_1;
    size_1 = size < kMostError ? size : kMostError;
    sign_1 = size_1 * 8 <= energy * 5 + 24 ? 1 : left < 0 ? 0 : 2;
    r.size[x] = static_cast<uint16_t>(size_1);
    r.sign[x] = static_cast<uint8_t>(sign_1);
  }
}

template <class Io>
VENEER_INLINE void code_row(Io& io, PlaneState* planes, int c, int y) {
  switch (c) {
    case 0:
      return code_row_of<0>(io, planes, y);
    case 1:
      return code_row_of<1>(io, planes, y);
    default:
      return code_row_of<2>(io, planes, y);
  }
}

}  // namespace
}  // namespace veneer::modular::fast::VENEER_TARGET
