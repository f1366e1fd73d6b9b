// Coefficients of one block of one plane: syntax, shared by reading and writing.
//
// `Io` is a BitReader (bit_io.h) or a BitWriter: io.bit(model, value) codes one modelled decision and returns
// it, io.raw(count, value) bits of probability one half; a reader ignores the values that it is given.
// Source: docs/format.md, "Coefficients".
#pragma once
#include <algorithm>
#include <cstdint>
#include <cstring>

#include "common/bits.h"
#include "contexts.h"
#include "neighbourhood.h"

namespace veneer {

constexpr int kMaxMagnitudeInContext = 100;
constexpr int kMaxLevel = 32767;
constexpr int kAccumulatorSize = 34 * 34;

// Dependent quantization: two quantizers with points at even multiples of half a step (0) and at odd multiples and zero
// (1), chosen by a state machine of eight states that the parities of the levels drive.
// Source: M. W. Marcellin, T. R. Fischer, "Trellis coded quantization" (1990), in the form of H. Schwarz et al.,
// "Improved quantization and transform coefficient coding for next generation video codecs" (2019).
constexpr int kStates = 8;
inline constexpr uint8_t kNextState[kStates][2] = {{0, 1}, {3, 2}, {5, 4}, {6, 7}, {1, 0}, {2, 3}, {4, 5}, {7, 6}};
inline int quantizer_of(int state) { return state & 1; }
inline int next_state(bool dependent, int state, int level) { return dependent ? kNextState[state][level & 1] : 0; }
// Multiple of half a step that a level stands for.
inline int halves(int level, int quantizer) { return 2 * level - (level > 0 ? quantizer : level < 0 ? -quantizer : 0); }

// Class of the weighted magnitudes next to a coefficient.
inline int near_class(int acc) { return acc < 5 ? acc : acc < 8 ? 5 : acc < 14 ? 6 : 7; }

inline int diagonal3(int diagonal_class) { return diagonal_class == 0 ? 0 : diagonal_class <= 2 ? 1 : 2; }

// Bucket of the number of coded coefficients: 0, 1, 2, 3, 4-5, 6-7, 8-11, ...
inline int last_bucket(int count) {
  if (count < 4) return count;
  const int log = highest_bit(static_cast<uint32_t>(count));
  return 2 * log + ((count >> (log - 1)) & 1);
}
inline int bucket_first(int bucket) { return bucket < 4 ? bucket : (2 + (bucket & 1)) << (bucket / 2 - 1); }
inline int bucket_bits(int bucket) { return bucket < 4 ? 0 : bucket / 2 - 1; }

template <class Io, size_t N>
int code_tree(Io& io, BitModel (&models)[N], int bits, int value) {
  int node = 1;
  while (bits-- > 0) node = node << 1 | io.bit(models[node], (value >> bits) & 1);
  return node;
}

// The same, every decision by the mean of two models.
template <class Io, size_t N>
int code_tree(Io& io, BitModel (&a)[N], BitModel (&b)[N], int bits, int value) {
  int node = 1;
  while (bits-- > 0) node = node << 1 | io.bit(a[node], b[node], (value >> bits) & 1);
  return node;
}

// Number of coefficients up to the last one that is not zero (0: empty block).
template <class Io>
int code_last(Io& io, Models& m, const BlockShape& shape, int plane, int energy, int empty_context, int count) {
  if (io.bit(m.empty[plane][shape.shape_class][energy][empty_context], count == 0)) return 0;
  const int kind = plane > 0;
  const int coded = code_tree(io, m.last[kind][shape.shape_class][energy >> 1], 5, last_bucket(count) - 1) - 32;
  const int bucket = std::min(coded, kLastBuckets - 2) + 1;
  const int first = bucket_first(bucket);
  if (first >= shape.count) return shape.count;
  int bits = bucket_bits(bucket), offset = 0;
  if (bits > 0) {
    --bits;
    offset = io.bit(m.last_offset[kind][bucket], ((count - first) >> bits) & 1) << bits;
    if (bits > 0) offset |= static_cast<int>(io.raw(bits, (count - first) & ((1 << bits) - 1)));
  }
  return std::min(first + offset, shape.count);
}

// Magnitude above 0 of a coefficient known not to be zero.
template <class Io>
int code_magnitude(Io& io, Models& m, int quantizer, int plane, int shape_class, int diagonal, int energy, int near,
                   int magnitude) {
  if (!io.bit(m.greater1[quantizer][plane][diagonal3(diagonal)][energy], m.greater1_nearby[plane][shape_class][near],
              magnitude > 1)) {
    return 1;
  }
  const int kind = plane > 0;
  int value = 2;
  for (int k = 0; k < kUnaryLevels; ++k, ++value) {
    if (!io.bit(m.greater[kind][k][energy], magnitude > value)) return value;
  }
  const int rest = magnitude - value;  // Exp-Golomb of order 0
  int bits = 0;
  while (bits < kEscapeBits - 2 && io.bit(m.escape[kind][energy / 3][bits], rest + 1 >= 2 << bits)) ++bits;
  if (bits == 0) return value;
  return value + (1 << bits) - 1 + static_cast<int>(io.raw(bits, (rest + 1) & ((1 << bits) - 1)));
}

// Adds a magnitude to the accumulators of the neighbours that will be coded after it.
inline void push_magnitude(uint16_t* acc, int at, int stride, int magnitude) {
  const int m = std::min(magnitude, kMaxMagnitudeInContext);
  acc[at - 1] = static_cast<uint16_t>(acc[at - 1] + 2 * m);
  acc[at - stride] = static_cast<uint16_t>(acc[at - stride] + 2 * m);
  acc[at - stride - 1] = static_cast<uint16_t>(acc[at - stride - 1] + m);
  acc[at - 2] = static_cast<uint16_t>(acc[at - 2] + m);
  acc[at - 2 * stride] = static_cast<uint16_t>(acc[at - 2 * stride] + m);
}

inline void clear_accumulators(uint16_t* acc, const BlockShape& shape, int count) {
  std::memset(acc, 0, sizeof(uint16_t) * (shape.last_v[count - 1] + 3) * (shape.fw + 2));
}

// The levels of a block. `level(i)` gives the level at scan position i to a writer, `sink(i, value)` takes what was
// coded, in halves of a step. Returns the number of coefficients up to the last one; `cells` gets what neighbours
// predict their magnitudes from.
template <class Io, class Level, class Sink>
int code_coefficients(Io& io, Models& m, const BlockShape& shape, int plane, bool dependent,
                      const Expectation& expected, int empty_context, int count, Level level, Sink sink,
                      UnitCells* cells) {
  count = code_last(io, m, shape, plane, expected.energy, empty_context, count);
  if (count == 0) {
    std::memset(cells, 0, sizeof *cells);
    return 0;
  }
  uint16_t acc[kAccumulatorSize];
  uint16_t sums[kCells] = {};
  clear_accumulators(acc, shape, count);
  const int stride = shape.fw + 2;
  int state = 0;
  for (int i = count - 1; i >= 0; --i) {
    const int at = shape.padded[i], diagonal = shape.diagonal[i], cell = shape.cell[i];
    const int energy = energy_class(acc[at], expected.cell[cell]), near = near_class(acc[at]);
    const int value = level(i), quantizer = quantizer_of(state);
    if (i != count - 1 && !io.bit(m.significant[quantizer][plane][shape.size_class][diagonal][energy],
                                  m.nearby[plane][shape.shape_class][last_bucket(i + 1)][near], value != 0)) {
      state = next_state(dependent, state, 0);
      continue;
    }
    const int magnitude =
        code_magnitude(io, m, quantizer, plane, shape.shape_class, diagonal, energy, near, value < 0 ? -value : value);
    const bool negative = io.raw(1, value < 0);
    push_magnitude(acc, at, stride, magnitude);
    sums[cell] = static_cast<uint16_t>(sums[cell] + std::min(magnitude, kMaxMagnitudeInContext));
    sink(i, halves(negative ? -magnitude : magnitude, quantizer));
    state = next_state(dependent, state, magnitude);
  }
  finish_cells(sums, shape, cells);
  return count;
}

}  // namespace veneer
