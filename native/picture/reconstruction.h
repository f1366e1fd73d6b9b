// From what a file holds to the pixels of a region: base tiles, interpolation or enhancement, alpha.
// Source: docs/format.md, "Tiles", "Enhancement", "Texture" and "Base picture alone".
#pragma once
#include "common/image.h"
#include "common/runner.h"
#include "container/contents.h"
#include "network/networks.h"

namespace veneer {

// A file and what was read of it, with the tiles of Stages::region_of(-1).
struct CodedPicture {
  Bytes file;
  const Contents& contents;
};

// A region of a picture.
struct Reconstruction {
  Image<uint8_t> pixels;          // of the region, bytes of all samples of Channels; empty where nothing is left
  Vector<Problem> problems;       // what was met on the way
  bool is_worth_texture = false;  // whether some of the colour was filled in, but not nearly all of it
};

// The base picture alone; `region` is in pixels, within the picture.
Reconstruction reconstruct_base(const CodedPicture& coded, const Rect& region, Runner& runner);

// Adds texture where tiles were filled in, in a base picture that no model of the file enhances. `pixels` are what
// reconstruct_base() gave for the region; they change where superblocks are lost. Throws Failure of kNetworkTooLarge.
void add_texture_where_lost(const CodedPicture& coded, const Rect& region, const ModelNetwork& texture, Runner& runner,
                            const View<uint8_t>& pixels);

// Gives the network that fills in what is lost where realism is 0, or nullptr. Asked only where something is lost.
using TextureWhereLost = FunctionRef<const ModelNetwork*()>;

// The enhanced picture; realism is 0..64. Throws Failure of kNetworkTooLarge.
Reconstruction reconstruct_enhanced(const CodedPicture& coded, const Rect& region, const Networks& networks,
                                    int realism, TextureWhereLost texture_where_lost, Runner& runner);

// The preview of a file; empty if there is none, or its payload is invalid.
Image<uint8_t> preview_of(const CodedPicture& coded, Runner& runner);

}  // namespace veneer
