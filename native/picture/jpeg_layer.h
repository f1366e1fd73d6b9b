// The base layer of files that keep a JPEG: tiles to levels on several threads, levels to pixels, with what is lost filled
// in; and the very bytes of the JPEG.
//
// Source: docs/format.md, "JPEG base" and "Filling in".
#pragma once
#include "base/jpeg/bit_output.h"
#include "base/jpeg/image.h"
#include "network/networks.h"
#include "picture/reconstruction.h"

namespace veneer {

// Networks that take the artefacts of a JPEG away, and how much texture they add, 0..64.
struct JpegRestoration {
  JpegNetworks networks;
  int realism = 0;
};

// The geometry that JHDR gives, without levels. Throws Failure of kJpegHeader where it is missing, invalid, or of another
// picture than HEAD says; of kNoPixels where the JPEG is kept as bytes alone.
jpeg::Image jpeg_geometry(Bytes file, const Contents& contents);

// Columns and rows of MCUs that a tile holds: those whose first pixel lies in it.
Rect mcus_of_tile(const TileGrid& grid, const jpeg::Image& geometry, int index);

// A region of the picture with the tiles that its pixels depend on, before the geometry is known.
Rect jpeg_region_at_most(const Head& head, const Rect& region, const JpegRestoration* restoration);

// A tile by itself, to `out` of its size: colour at its edges may differ from that of the picture, whose interpolation
// crosses them. false: the payload is no code. Throws as jpeg_geometry().
bool decode_jpeg_tile(const CodedPicture& coded, int index, const View<uint8_t>& out);

// A region of the picture, within it, restored unless `restoration` is nullptr, with what was met on the way. What is
// lost is filled in from the preview, or from what is around it, unless all is lost. Throws as jpeg_geometry(), and
// kNetworkTooLarge.
Reconstruction reconstruct_jpeg(const CodedPicture& coded, const Rect& region, const JpegRestoration* restoration,
                                Runner& runner);

// The file that was encoded, in pieces to `sink`.
//
// Throws Failure: what read_contents() throws under `strict`; kNoJpeg where the base is of another kind; kJpegHeader;
// kTileDamaged; kJpegScript where the script is invalid, or what comes of it has another hash than the file had. Pieces
// may have been handed over before.
void write_jpeg(Bytes file, int64_t max_pixels, Runner& runner, jpeg::Sink sink);

// The bytes of the JPEG before its first scan, where its metadata are; Huffman tables that follow from scans are 0. Throws Failure of kNoJpeg, kJpegHeader and
// kJpegScript.
Vector<uint8_t> jpeg_front(Bytes file, const Contents& contents);

}  // namespace veneer
