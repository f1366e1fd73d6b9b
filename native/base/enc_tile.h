// Encoder only: codes the colour planes of one tile.
#pragma once
#include <cstdint>
#include <vector>

#include "enc_search.h"
#include "tile.h"

namespace veneer {

struct EncoderSettings {
  int effort = 5;                // 1..9
  bool visual = true;            // else peak signal-to-noise ratio
  int lambda_milli = 95;         // lambda / q^2 in thousandths
  DecisionCounts* counts = nullptr;  // [kModelCount], for training the warm-start tables
};

// `source` holds the original samples (load_pixels). Returns the tile's payload.
std::vector<uint8_t> encode_tile(const Tile& source, const EncoderSettings& settings);

// Base-layer parameters for a picture.
BaseParams choose_params(int step_index, const EncoderSettings& settings);

}  // namespace veneer
