// Encoder only: codes the colour planes of one tile.
#pragma once
#include <cstdint>
#include <vector>

#include "enc_masking.h"
#include "enc_search.h"
#include "tile.h"

namespace veneer {

// lambda / q^2 in thousandths.
struct Lambdas {
  int independent, dependent;  // quantization
};

// Least BD-rate on the validation pictures (docs/decisions.md). Visually, more levels at coarser steps are better.
constexpr Lambdas kLambdas = {95, 120}, kVisualLambdas = {50, 70};

struct EncoderSettings {
  int effort = 5;  // 1..9
  Lambdas lambdas = kLambdas;
  int lambda_milli = 0;                   // replaces them, unless 0
  int matrix = 0;                         // frequency weighting of the file
  int chroma_offset[2] = {5, 0};          // of Co and Cg, sixteenths of an octave
  bool finer_chroma_when_coarse = false;  // at coarse steps
  int step_group_log2 = 0;
  MaskingSettings masking;
  int filters = 0;                   // whether tiles have filters
  int disabled_tools = 0;            // DisabledTools
  DecisionCounts* counts = nullptr;  // [kModelCount], for training the warm-start tables
};

// Efforts from this one on pay for the search through dependent quantization.
constexpr int kDependentEffort = 8;

// tune: 0 peak signal-to-noise ratio over R, G and B; 1 visual.
EncoderSettings encoder_settings(int effort, int tune);

// `source` holds the original samples (load_pixels). Returns the tile's payload. error: unless null, gets the squared
// error of its pixels summed over R, G and B (grey: once) in 8-bit levels, before they are rounded.
std::vector<uint8_t> encode_tile(const Tile& source, const EncoderSettings& settings, int64_t* error = nullptr);

// Adds filters to a tile that was coded without them, with the parameters of `source`; the bit of filters
// in Tools is left to the caller. False if the stream is damaged.
bool filter_coded_tile(const Tile& source, const EncoderSettings& settings, std::vector<uint8_t>* payload,
                       int64_t* error);

// Base-layer parameters for a picture.
BaseParams choose_params(int step_index, const EncoderSettings& settings);

// Writes kBaseParamsSize bytes, which parse_base_params() reads.
void write_base_params(const BaseParams& params, uint8_t* bytes);

}  // namespace veneer
