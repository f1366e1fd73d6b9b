// Which cells of 8x8 samples of the current superblock are screen content. The trees have no leaves there.
// Source: docs/format.md, "Screen content".
#pragma once
#include <algorithm>
#include <cstdint>

namespace veneer {

constexpr int kScreenCell = 8;   // samples per side
constexpr int kScreenCells = 8;  // in a row and in a column of a superblock

class ScreenMap {
 public:
  enum State { kNone, kSome, kAll };

  static uint64_t cell(int column, int row) { return uint64_t{1} << (row * kScreenCells + column); }

  // The rectangle of cells from (column, row) on, as far as it lies in the superblock.
  static uint64_t rectangle(int column, int row, int columns, int rows) {
    const int last_column = std::min(column + columns, kScreenCells), last_row = std::min(row + rows, kScreenCells);
    const uint64_t line = (uint64_t{1} << last_column) - (uint64_t{1} << column);
    uint64_t cells = 0;
    for (int r = row; r < last_row; ++r) cells |= line << (r * kScreenCells);
    return cells;
  }

  void set(uint64_t cells) { cells_ = cells; }
  uint64_t cells() const { return cells_; }
  bool holds(int column, int row) const { return (cells_ & cell(column, row)) != 0; }

  // Of a node with the upper left sample (x, y). Cells outside the tile do not count.
  State state(int x, int y, int log2_size) const {
    if (cells_ == 0) return kNone;
    const int side = log2_size <= 3 ? 1 : 1 << (log2_size - 3);
    const uint64_t node = rectangle(x / kScreenCell % kScreenCells, y / kScreenCell % kScreenCells, side, side);
    const uint64_t common = cells_ & node;
    return common == 0 ? kNone : common == node ? kAll : kSome;
  }

 private:
  uint64_t cells_ = 0;
};

}  // namespace veneer
