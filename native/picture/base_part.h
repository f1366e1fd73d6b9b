// Some tiles of the base picture: a rectangle of them, decoded as the input of later stages.
//
// Place: between the base layer and reconstruction.
// Source: docs/format.md, "Tiles".
#pragma once
#include "enhance/base_picture.h"
#include "picture/base_layer.h"
#include "picture/reconstruction.h"

namespace veneer {

struct BasePart {
  BaseDecoding decoding;
  TileRange tiles;  // in the order of decoding.status
  Rect box;         // of the rectangle, in the base picture

  // The status of every tile of the picture.
  Vector<int> picture_status(const TileGrid& grid) const;
};

// The tiles that a region of the base picture touches.
BasePart decode_part(const CodedPicture& coded, const Rect& needed, Runner& runner);

// Pixels of a region of a picture whose base has full size, and the status of every tile; without_colour: only alpha is
// wanted.
Image<uint8_t> decode_pixels(const CodedPicture& coded, const Rect& region, bool without_colour, Runner& runner,
                             Vector<int>* status);

// A part of the base picture as networks read it. Views into the decoding, and into `interpolated`, which is filled
// where the base has half the size.
BasePicture seen_part(const CodedPicture& coded, const BasePart& part, const Rect& needed, Runner& runner,
                      Image<int16_t>* interpolated);

// The whole part, without interpolation.
BasePicture whole_part(const CodedPicture& coded, const BasePart& part);

}  // namespace veneer
