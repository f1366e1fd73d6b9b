// The state of the fast form while a tile is coded: the last rows of each plane, and what adapts.
//
// Place: fast_tile.cpp makes it; fast_rows_inl.h, compiled for several targets, works on it.
// Source: docs/format.md, "Fast form".
#pragma once
#include <cstddef>
#include <cstdint>

#include "base/modular/fast_form.h"
#include "entropy/adaptive.h"

namespace veneer::modular::fast {

constexpr int kMargin = 8;  // values beyond either end of a row
constexpr int kRing = 4;    // rows of each plane: the last two bits of a row's number say where it is

// One plane. Pointers are to what belongs to sample 0 of a row.
struct PlaneState {
  int width, height, most, middle, unit;
  int16_t weight[kMostPairs][2 * kExperts];  // [pair][predictor, left and right]
  int32_t energy[kMostFeatures];
  int16_t* sample[kRing];  // less `middle`
  uint16_t* error[kRing];  // of the predictors, kExperts a sample
  uint16_t* size[kRing];   // of the residual, in units
  uint8_t* sign[kRing];    // of the residual: 0 far below 0, 1 near, 2 far above
  int32_t* energy_row;     // what prepare_row() finds out
  uint8_t* signs_row;
  BitModel (*model)[kFractions][kNodes];  // [level]
  BitModel (*low)[kLowModels];            // [shift]
  int32_t (*texture_bias)[kLevels];       // [texture]
  int32_t* sign_bias;                     // [signs]
};

}  // namespace veneer::modular::fast
