// Encodes a modular tile.
#pragma once
#include "base/modular/tile.h"
#include "common/image.h"

namespace veneer::modular {

constexpr int kAnyForm = -1;

struct TileSettings {
  int depth = 8;        // 1..16
  int effort = 5;       // 1..9
  int max_error = 0;    // 0: the samples come back as they are; else colours differ by no more than this
  bool exact = false;   // keeps the colour of pixels whose alpha is 0
  int form = kAnyForm;  // or the only one to use, a number of Form
};

// Samples of 0..2^depth - 1, interleaved: grey, grey and alpha, RGB, or RGB and alpha.
Vector<uint8_t> encode_tile(const View<const uint8_t>& samples, const TileSettings& settings);
Vector<uint8_t> encode_tile(const View<const uint16_t>& samples, const TileSettings& settings);

}  // namespace veneer::modular
