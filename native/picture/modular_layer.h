// The base layer of lossless pictures: tiles to samples of up to 16 bits, on several threads, with what is lost filled in.
//
// Samples of more than 8 bits are uint16_t in pictures of bytes, twice as many a pixel; half floats are their bits.
// Source: docs/format.md, "Modular base", "Half floats" and "Filling in".
#pragma once
#include "picture/reconstruction.h"

namespace veneer {

// A region of the picture, within it, and the status of every tile (base_layer.h). What is lost is filled in from the
// preview, or from what is around it, unless all is lost.
Image<uint8_t> decode_modular(const CodedPicture& coded, const Rect& region, Runner& runner, Vector<int>* status);

// The part `inner` of a tile, to `out` of its size; false, and nothing is written, where the payload is no code.
bool decode_modular_tile(const CodedPicture& coded, int index, const Rect& inner, const View<uint8_t>& out);

}  // namespace veneer
