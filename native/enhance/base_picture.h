// The decoded base as networks read it: the inputs that do not depend on latents, whole or cut to a part.
// Source: docs/format.md, "Inputs of networks".
#pragma once
#include <cstdint>

#include "common/image.h"
#include "enhance/geometry.h"
#include "network/networks.h"

namespace veneer {

// A base picture of H x W pixels, in h x w units, or a part of it. It owns nothing.
struct BasePicture {
  View<const int16_t> quarters;      // [H, W, 1 or 3], quarters of a level, 0..1020
  View<const uint8_t> maps;          // [h, w, 8], how units were coded
  View<const uint8_t> steps;         // [h, w], their step index
  int16_t settings[4] = {};          // step offsets of Co and Cg, Matrix, and 16 where quantization is dependent
  int scale = 1;                     // Base_Scale
  View<const int16_t> interpolated;  // [scale H, scale W, 1 or 3], quarters at full size; empty with scale 1

  // What is shown without enhancement, at full size in quarters of a level.
  const View<const int16_t>& shown() const { return scale == 1 ? quarters : interpolated; }
  // Of the full size, the picture that networks run on.
  int width() const { return scale * quarters.width; }
  int height() const { return scale * quarters.height; }
  int channels() const { return quarters.channels; }
  // The pixels of a box of the base picture, whose x and y are multiples of 4.
  BasePicture part(const Rect& box) const;
};

}  // namespace veneer
