// Fills in what a damaged or cut file has lost: smoothly from the pixels around it, or from the preview.
//
// Place: after the base layer, on the samples of a picture; intact files are not changed. Lost areas
// are made of cells of 64 x 64 pixels, the superblocks. The lost area becomes a membrane that
// hangs from the pixels around it: coarse to fine, each level begins with the one above, enlarged, and is then smoothed
// where nothing is known. With a preview the membrane carries only the difference between the picture and the enlarged
// preview, which hides the seam. Integers throughout, so that all machines fill in the same.
// Source: docs/format.md, "Filling in"; the idea is that of cascadic multigrid (Bornemann and Deuflhard, 1996) and of
// membranes for seamless cloning (Perez et al., "Poisson image editing", 2003).
#pragma once
#include <cstdint>

#include "common/image.h"

namespace veneer {

constexpr int kCell = 64;        // pixels: a superblock
constexpr int kPreviewCell = 8;  // pixels of a preview

// What is to be filled in of a picture, or of a region of it.
struct Hole {
  View<const uint8_t> lost;  // [rows][columns] of the cells that the region touches: 0 or 1
  int origin_x = 0;          // of the region within its first cell, 0..63
  int origin_y = 0;
  // The cells at an eighth of the size, [8 rows][8 columns], with the channels that are filled; empty: fill from the
  // surroundings alone.
  View<const uint8_t> preview;
};

// Fills the lost cells of channels `first_channel` .. + `channels` in place; their old values do not matter.
// Samples are 0..255, of int16_t quarters of a level, 0..1020.
void conceal(const View<uint8_t>& samples, int first_channel, int channels, const Hole& hole);
void conceal(const View<int16_t>& samples, int first_channel, int channels, const Hole& hole);

}  // namespace veneer
