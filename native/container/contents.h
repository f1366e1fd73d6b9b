// What a file holds, as read from its chunks.
// Source: docs/format.md, "Order of chunks", "Metadata", "Gain maps", "Preview" and "Tiles".
#pragma once
#include <cstdint>
#include <optional>

#include "common/memory.h"
#include "container/extent.h"
#include "container/problem_log.h"
#include "container/structures.h"
#include "picture/sample_depth.h"
#include "picture/tile_grid.h"

namespace veneer {

// How bright the content of an HDR picture is, in cd/m2.
struct ContentLight {
  int max_content = 0, max_frame_average = 0;
};

// x and y of red, green, blue and white in 0.00002, largest and smallest luminance in 0.0001 cd/m2.
struct MasteringVolume {
  static constexpr int kNumbers = 10;
  uint32_t numbers[kNumbers] = {};
};

// A picture that gives the alternate picture, how it does, and the colour of that.
struct CodedGainMap {
  int metadata_kind = 0;  // 0: ISO 21496-1, 1: XMP
  Extent metadata;
  int colour[4] = {};  // of the alternate picture, of ITU-T H.273
  Extent alternate_icc;
  Extent picture;  // a whole file, each byte plus 128
};

struct TextEntry {
  Extent keyword, text;  // UTF-8
};

// Metadata, byte for byte.
struct Metadata {
  Extent icc, exif, xmp, iptc;  // not present where there is no such chunk
  Vector<TextEntry> texts;
  bool has_density = false;
  int unit = 0;  // 0: the densities are a ratio, 1: pixels per metre
  uint32_t density_x = 0, density_y = 0;
  std::optional<ContentLight> content_light;
  std::optional<MasteringVolume> mastering_volume;
  std::optional<CodedGainMap> gain_map;
};

// The preview as a file holds it.
struct CodedPreview {
  uint8_t parameters[kBaseParamsSize];  // its base parameters, as bytes
  Extent colour;                        // payload of its only tile
  Extent alpha;                         // the same of alpha; not present without alpha
  bool has_alpha = false;
};

struct Contents {
  Head head;
  Metadata metadata;
  Vector<Extent> colour_tiles;  // payload of each tile in raster order; not present: missing, or not asked for
  Vector<Extent> alpha_tiles;   // the same of alpha; empty without alpha
  Vector<std::optional<EnhancementChunk>> enhancement;  // of each tile, all of one model
  ProblemLog problems;                                  // what was tolerated
  std::optional<CodedPreview> preview;                  // if it is complete
  Extent jpeg_header, jpeg_script;                      // payloads of JHDR and JSCR; not present: missing
  int cut_tile = -1;  // the tile whose colour is the beginning of a payload, since the file ends within it

  // The model that enhances the picture; nullptr: not enhanced. It lies in `head`.
  const ModelSlot* model() const;
};

// The model of the table that textures; nullptr: none. It lies in `head`.
const ModelSlot* texture_slot(const Head& head);

// Whether the last channel is alpha.
bool has_alpha(const Head& head);

// Whether alpha has chunks of its own.
inline bool has_alpha_chunks(const Head& head) { return has_alpha(head) && head.base_kind == kTransform; }

// Bytes of a sample of the decoded picture: two where it has more than 8 bits.
inline int bytes_per_sample(const Head& head) { return bytes_of_depth(head.bit_depth); }

// What samples of the decoded picture are.
inline SampleType sample_type(const Head& head) { return {head.bit_depth, head.sample_format == kHalfFloats}; }

// The tiles of the base picture. Throws Failure of kTooManyTiles or kTileTooLarge.
TileGrid tile_grid(const Head& head);

// Side of the preview of a picture with that side.
inline int preview_side(int side) { return (side + kPreviewScale - 1) / kPreviewScale; }

}  // namespace veneer
