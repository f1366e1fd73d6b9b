// Smoothed neighbour cells on the vectors of one target: each half of a vector is a row of eight cells.
//
// Place: included by prediction_<target>.cpp after the vector operations (prediction_lanes_*.h); of these, widen() makes
// samples of bytes, and before() and after() move each row by one cell, with the first or last one repeated.
// Source: docs/format.md, "Neighbour cells". prediction_scalar.cpp has the formulas.
#pragma once
#include <cstddef>
#include <cstdint>

#include "base/contexts.h"

namespace veneer::VENEER_TARGET {
namespace {

struct CellRows {
  V pair[4];  // rows 2 i and 2 i + 1
};

// Adds twice the mean over the units.
inline void add_mean(const UnitCells* units, int count, size_t stride, CellRows* rows) {
  const auto* base = reinterpret_cast<const uint8_t*>(units);
  if (count == 1) {
    for (int i = 0; i < 4; ++i) {
      const V cells = widen(base + 16 * i);
      rows->pair[i] = add(rows->pair[i], add(cells, cells));
    }
    return;
  }
  CellRows sum;
  for (int i = 0; i < 4; ++i) sum.pair[i] = add(widen(base + 16 * i), widen(base + stride + 16 * i));
  for (int unit = 2; unit < count; ++unit) {
    for (int i = 0; i < 4; ++i) sum.pair[i] = add(sum.pair[i], widen(base + unit * stride + 16 * i));
  }
  int shift = 0;
  while (2 << shift < count) ++shift;
  for (int i = 0; i < 4; ++i) rows->pair[i] = add(rows->pair[i], shift_right(sum.pair[i], shift));
}

inline int expected_cells(const UnitCells* top, int top_units, const UnitCells* left, int left_units, size_t stride,
                          uint16_t* cell) {
  CellRows n4;  // 4 N
  for (int i = 0; i < 4; ++i) n4.pair[i] = constant(0);
  if (top) add_mean(top, top_units, stride, &n4);
  if (left) add_mean(left, left_units, stride, &n4);
  if (!top || !left) {
    for (int i = 0; i < 4; ++i) n4.pair[i] = add(n4.pair[i], n4.pair[i]);
  }
  Total total = no_total();
  for (int i = 0; i < 4; ++i) total = add_samples(total, n4.pair[i]);

  // (1 2 1) x (1 2 1) / 16 with replicated borders; 4 N x 16 x 6 / 64 = 6 N. As (3 x 64 N + 16) / 32 every sum fits 16
  // bits without a sign: 3 x 16 x 4 x 255 + 16.
  CellRows across;
  for (int i = 0; i < 4; ++i) {
    const V row = n4.pair[i];
    across.pair[i] = add(add(before(row), after(row)), add(row, row));
  }
  for (int i = 0; i < 4; ++i) {
    const V row = across.pair[i];
    const Half above = i > 0 ? high_half(across.pair[i - 1]) : low_half(row);
    const Half below = i < 3 ? low_half(across.pair[i + 1]) : high_half(row);
    const V around = add(join(above, low_half(row)), join(high_half(row), below));
    const V smooth = add(around, add(row, row));
    const V scaled = shift_right(add(add(smooth, constant(16)), add(smooth, smooth)), 5);
    store(reinterpret_cast<int16_t*>(cell) + 16 * i, scaled);
  }
  return sum_total(total);
}

}  // namespace
}  // namespace veneer::VENEER_TARGET
