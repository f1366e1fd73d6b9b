// Which cells of a region are lost, and filling them in.
//
// Place: between the layers that decode tiles and concealment.
// Source: docs/format.md, "Filling in".
#pragma once
#include <algorithm>

#include "picture/cells.h"
#include "picture/concealment.h"
#include "picture/tile_grid.h"

namespace veneer {

// Which of the superblocks that the region touches are lost, where known[i] of those of tile i are not.
template <typename Known>
Image<uint8_t> lost_cells(const TileGrid& grid, const Rect& region, const Known& known) {
  const Rect cells = squares_of(region, kCell);
  const int side = (1 << grid.tile_log2()) / kCell, across = (grid.width() + kCell - 1) / kCell;
  Image<uint8_t> lost(cells.width, cells.height, 1);
  for (int y = 0; y < cells.height; ++y) {
    for (int x = 0; x < cells.width; ++x) {
      const int row = cells.y + y, column = cells.x + x;
      const int tile = row / side * grid.columns() + column / side;
      const int tile_width = std::min(side, across - column / side * side);
      const int place = row % side * tile_width + column % side;
      *lost.view().at(x, y) = place >= known(tile);
    }
  }
  return lost;
}

inline bool any(const Image<uint8_t>& mask) { return count_lost(mask.view()) > 0; }

// The part of a preview that the cells of a region are, some of its channels; the outermost pixels go on beyond.
inline Image<uint8_t> preview_of_cells(const View<const uint8_t>& preview, const Rect& cells, int first_channel,
                                       int channels) {
  const Rect box = cells.scaled(kPreviewCell);
  Image<uint8_t> part(box.width, box.height, channels);
  for (int y = 0; y < box.height; ++y) {
    for (int x = 0; x < box.width; ++x) {
      const uint8_t* in = preview.at(std::min(box.x + x, preview.width - 1), std::min(box.y + y, preview.height - 1));
      std::copy_n(in + first_channel, channels, part.view().at(x, y));
    }
  }
  return part;
}

// Fills lost cells of a region.
template <typename T>
void fill(const View<T>& samples, int first_channel, int channels, const Image<uint8_t>& lost, const Rect& region,
          const Image<uint8_t>* preview) {
  if (!any(lost)) return;
  const Rect cells = squares_of(region, kCell);
  Image<uint8_t> small;
  if (preview) small = preview_of_cells(preview->view(), cells, first_channel, channels);
  Hole hole;
  hole.lost = lost.view();
  hole.origin_x = region.x % kCell;
  hole.origin_y = region.y % kCell;
  if (preview) hole.preview = small.view();
  conceal(samples, first_channel, channels, hole);
}

}  // namespace veneer
