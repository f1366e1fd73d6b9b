// Screen content of a superblock: which cells are, and the colours of their pixels in all planes at once. It is coded
// before the trees of the superblock, which leave those cells out.
// Source: docs/format.md, "Screen content".
#pragma once
#include <algorithm>
#include <cstdint>

#include "screen_pixels.h"
#include "tile.h"

namespace veneer {

// The colours of a tile's pixels, with margins so that every pixel has its neighbours.
class ScreenColours {
 public:
  static constexpr int kBefore = 4, kBehind = 4, kAbove = 3;

  ScreenColours(int width, int height, bool colour)
      : width_(width),
        stride_(width + kBefore + kBehind),
        colours_(static_cast<size_t>(stride_) * (height + kAbove), colour ? 0xffffff : 0x00ff00) {}

  int width() const { return width_; }
  ptrdiff_t stride() const { return stride_; }
  uint32_t* at(int x, int y) { return colours_.data() + (y + kAbove) * stride_ + kBefore + x; }

  // Fills the margins beside the row, which is known up to the column `end`.
  void extend_before(int y, uint32_t colour) { std::fill_n(at(-3, y), 3, colour); }
  void extend_behind(int end, int y) { std::fill_n(at(end, y), 2, *at(end - 1, y)); }

 private:
  int width_;
  ptrdiff_t stride_;
  Vector<uint32_t> colours_;
};

// Reads the colour of the samples at (x, y).
inline uint32_t colour_of_samples(const Tile& tile, int x, int y) {
  const auto value = [](int v) { return static_cast<uint32_t>(std::clamp((v + 2) >> 2, 0, 255)); };
  const int luma = *tile.at(0, x, y);
  if (!tile.colour) return value(luma) << 8;
  const int co = *tile.at(1, x, y), cg = *tile.at(2, x, y);
  return value(luma - cg + co) << 16 | value(luma + cg) << 8 | value(luma - cg - co);
}

inline void samples_of_colour(uint32_t colour, Tile* tile, int x, int y) {
  const int r = colour_red(colour), g = colour_green(colour), b = colour_blue(colour);
  if (!tile->colour) {
    *tile->at(0, x, y) = static_cast<int16_t>(4 * g);
    return;
  }
  *tile->at(0, x, y) = static_cast<int16_t>(r + 2 * g + b);
  *tile->at(1, x, y) = static_cast<int16_t>(2 * (r - b));
  *tile->at(2, x, y) = static_cast<int16_t>(2 * g - r - b);
}

// A reader's substitute for the choices of a writer.
struct NoScreenChoices {
  bool flat(int, int, int, uint32_t) { return false; }
  uint32_t colour(const ScreenView&, int, int) { return 0; }
};

template <class Journal>
class ScreenCoder {
 public:
  explicit ScreenCoder(Tile& tile)
      : tile_(tile),
        pixels_(static_cast<int64_t>(tile.width) * tile.height, tile.colour),
        colours_(tile.width, tile.height, tile.colour),
        above_cells_(static_cast<size_t>(tile.width / kScreenCell + 1)),
        above_kind_(static_cast<size_t>(tile.width / kSuperblock + 1)) {
    std::fill_n(reinterpret_cast<BitModel*>(&models_), sizeof models_ / sizeof(BitModel), kFreshModel);
  }

  ScreenPixels<Journal>& pixels() { return pixels_; }
  ScreenColours& colours() { return colours_; }

  // The cells of the superblock at (x, y) that lie in the tile.
  uint64_t cells_inside(int x, int y) const {
    const auto cells = [](int samples) { return (samples + kScreenCell - 1) / kScreenCell; };
    return ScreenMap::rectangle(0, 0, cells(std::min(kSuperblock, tile_.width - x)),
                                cells(std::min(kSuperblock, tile_.height - y)));
  }

  // A superblock's cells, into tile.screen, and its pixels, into the samples. `cells` and `choices` are what a writer
  // wants: choices.flat(x, y, n, colour) says whether n pixels from (x, y) on have that colour, choices.colour(view, x, y)
  // gives the colour of one.
  template <class Io, class Choices>
  void superblock(Io& io, int x, int y, uint64_t cells, Choices& choices) {
    const int kind = code_cells(io, x, y, &cells);
    tile_.screen.set(cells);
    if (cells == 0) return;
    const int right = std::min(x + kSuperblock, tile_.width), bottom = std::min(y + kSuperblock, tile_.height);
    for (int row = y; row < bottom; ++row) code_row(io, x, right, row, kind == kWhole, choices);
  }

  // After the trees: reads the colours of the other cells, and fills the margins.
  void finish_superblock(int x, int y) {
    const int right = std::min(x + kSuperblock, tile_.width), bottom = std::min(y + kSuperblock, tile_.height);
    for (int row = y; row < bottom; ++row) {
      for (int column = x; column < right; column += kScreenCell) {
        if (tile_.screen.holds((column - x) / kScreenCell, (row - y) / kScreenCell)) continue;
        for (int i = column; i < std::min(column + kScreenCell, right); ++i) {
          *colours_.at(i, row) = colour_of_samples(tile_, i, row);
        }
      }
      if (x == 0) colours_.extend_before(row, *colours_.at(0, row));
      colours_.extend_behind(right, row);
    }
    remember(x, kind_, tile_.screen.cells());
  }

 private:
  enum Kind : uint8_t { kNothing, kPart, kWhole };

  template <class Io>
  int code_cells(Io& io, int x, int y, uint64_t* cells) {
    const uint64_t inside = cells_inside(x, y);
    const int left = x > 0 ? left_kind_ : 0, above = y > 0 ? above_kind_[static_cast<size_t>(x / kSuperblock)] : 0;
    Kind kind = kNothing;
    if (pixels_.bit(io, models_.any[(left != kNothing) + (above != kNothing)], *cells != 0)) {
      kind = pixels_.bit(io, models_.whole[(left == kWhole) + (above == kWhole)], *cells == inside) ? kWhole : kPart;
    }
    uint64_t coded = kind == kWhole ? inside : 0;
    if (kind == kPart) {
      for (int row = 0; row < kScreenCells; ++row) {
        for (int column = 0; column < kScreenCells; ++column) {
          const uint64_t bit = ScreenMap::cell(column, row);
          if ((inside & bit) == 0) continue;
          const bool before = column > 0 ? (coded & bit >> 1) != 0 : x > 0 && left_cells_[row];
          const bool up = row > 0 ? (coded & bit >> kScreenCells) != 0
                                  : y > 0 && above_cells_[static_cast<size_t>(x / kScreenCell + column)];
          if (pixels_.bit(io, models_.cell[before + 2 * up], (*cells & bit) != 0)) coded |= bit;
        }
      }
    }
    *cells = coded;
    kind_ = kind;
    return kind;
  }

  void remember(int x, Kind kind, uint64_t cells) {
    left_kind_ = kind;
    above_kind_[static_cast<size_t>(x / kSuperblock)] = kind;
    for (int i = 0; i < kScreenCells; ++i) {
      left_cells_[i] = (cells & ScreenMap::cell(kScreenCells - 1, i)) != 0;
      const auto column = static_cast<size_t>(x / kScreenCell + i);
      if (column < above_cells_.size()) above_cells_[column] = (cells & ScreenMap::cell(i, kScreenCells - 1)) != 0;
    }
  }

  template <class Io, class Choices>
  void code_row(Io& io, int x, int right, int y, bool whole, Choices& choices) {
    if (x == 0) colours_.extend_before(y, *colours_.at(0, y - 1));
    if (!whole || !code_flat(io, x, right, y, 0, choices)) {
      for (int column = x; column < right; column += kScreenCell) {
        const int end = std::min(column + kScreenCell, right);
        if (!tile_.screen.holds((column - x) / kScreenCell, y / kScreenCell % kScreenCells)) {
          std::copy(colours_.at(column, y - 1), colours_.at(end, y - 1), colours_.at(column, y));
        } else if (!code_flat(io, column, end, y, 1, choices)) {
          code_pixels(io, column, end, y, choices);
        }
      }
    }
    if (x == 0) colours_.extend_before(y, *colours_.at(0, y));
    colours_.extend_behind(right, y);
  }

  // Pixels x to end - 1 as one, where all above them and the one before are equal; false if they are not coded so.
  template <class Io, class Choices>
  bool code_flat(Io& io, int x, int end, int y, int size, Choices& choices) {
    uint32_t *row = colours_.at(x, y), *up = row - colours_.stride(), *up2 = up - colours_.stride();
    const uint32_t colour = row[-1];
    const int n = end - x;
    for (int i = -1; i <= n; ++i) {
      if (up[i] != colour) return false;
    }
    const bool second = std::all_of(up2, up2 + n, [=](uint32_t c) { return c == colour; });
    if (!pixels_.bit(io, models_.flat[size][second], choices.flat(x, y, n, colour))) return false;
    for (int i = 0; i < n; ++i) {
      row[i] = colour;
      samples_of_colour(colour, &tile_, x + i, y);
    }
    return true;
  }

  template <class Io, class Choices>
  void code_pixels(Io& io, int x, int end, int y, Choices& choices) {
    for (; x < end; ++x) {
      uint32_t* at = colours_.at(x, y);
      ScreenView view;
      pixels_.look(at, colours_.stride(), &view);
      *at = pixels_.code(io, view, choices.colour(view, x, y));
      samples_of_colour(*at, &tile_, x, y);
    }
  }

  Tile& tile_;
  ScreenPixels<Journal> pixels_;
  ScreenColours colours_;
  struct {
    BitModel any[3];      // [neighbours that have some]
    BitModel whole[3];    // [neighbours that are nothing else]
    BitModel cell[4];     // [cell to the left + 2 cell above]
    BitModel flat[2][2];  // [row of a superblock, row of a cell][the second row above is the same]
  } models_;
  Kind kind_ = kNothing;  // of the current superblock
  uint8_t left_kind_ = kNothing;
  bool left_cells_[kScreenCells] = {};
  Vector<uint8_t> above_cells_, above_kind_;
};

}  // namespace veneer
