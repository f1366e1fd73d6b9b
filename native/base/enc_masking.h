// Encoder only: step offsets of a picture's groups from visual masking.
//
// The eye, and metrics that follow it, weigh an error against the contrast around it: smooth areas get finer steps,
// textured areas coarser ones.
#pragma once
#include <cstdint>
#include <vector>

#include "tile.h"

namespace veneer {

struct MaskingSettings {
  int strength = 0;        // eighths of an octave of step per 16 octaves of variance
  int limit = 12;          // largest offset, eighths of an octave
  int reference = 6 * 16;  // log2 of the variance that keeps its step, in 1/16
};

// Offsets in eighths of an octave of the groups of 2^log2_group samples, in raster order.
std::vector<int8_t> masking_offsets(const Tile& source, int log2_group, const MaskingSettings& settings);

}  // namespace veneer
