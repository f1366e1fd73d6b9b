// Encoder only: codes the colour planes of one tile.
#pragma once
#include <cstdint>
#include <vector>

#include "enc_masking.h"
#include "enc_search.h"
#include "tile.h"

namespace veneer {

struct EncoderSettings {
  int effort = 5;                // 1..9
  bool visual = true;            // else peak signal-to-noise ratio
  int lambda_milli = 95;         // lambda / q^2 in thousandths
  int matrix = 0;                // frequency weighting of the file
  int chroma_offset[2] = {5, 0};  // of Co and Cg, sixteenths of an octave
  int step_group_log2 = 0;
  MaskingSettings masking;
  int search_step_offset = 0;
  int trellis_search = 2;
  int track = 1;
  int dependent = 1;
  DecisionCounts* counts = nullptr;  // [kModelCount], for training the warm-start tables
};

// `source` holds the original samples (load_pixels). Returns the tile's payload.
std::vector<uint8_t> encode_tile(const Tile& source, const EncoderSettings& settings);

// Base-layer parameters for a picture.
BaseParams choose_params(int step_index, const EncoderSettings& settings);

}  // namespace veneer
