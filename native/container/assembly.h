// Puts the contents of a file together from its chunks: all in order, or those of a region.
//
// Place: reader.h reads files with it, progressive decoding feeds it with chunks as they come.
// Source: docs/format.md, "Order of chunks", "tOCS" and "Damaged and cut files".
#pragma once
#include <cstddef>
#include <cstdint>

#include "common/memory.h"
#include "container/chunks.h"
#include "container/contents.h"
#include "container/reader.h"

namespace veneer {

class Assembly {
 public:
  // strict: every problem is thrown. Throws Failure as of tile_grid().
  Assembly(const Head& head, bool strict);

  Contents contents;

  // Throws a problem under `strict`, else notes it.
  void report(const Problem& problem);

  // Takes an intact chunk, or a cut one. The same file each time, though it may have become longer and moved.
  // Throws Failure of a kind INVALID, UNSUPPORTED or LIMIT, and under `strict` all others.
  void add(const Chunk& chunk, Bytes file);

  // Takes enhancement, if it is wanted, and the tiles that are needed from where tOCS says they are.
  // Returns false, with nothing taken, if tOCS is absent or a tile is not there.
  // Throws what `needed` throws, kBadRegion, and under `strict` every problem.
  bool seek_tiles(Bytes file, const Needed& needed, bool enhancement);

  // Reports what is wrong with all chunks together, and drops tiles that are not needed; nullptr: all are.
  // Throws Failure of kNoTile, kBadRegion, what `needed` throws, and under `strict` every problem.
  void check_complete(const Needed* needed);

 private:
  // Chunks that stand once in the file, as bits of seen_; those of metadata in the order of kMetadataTypes.
  enum Single : unsigned {
    kIcc = 1,
    kExif = 2,
    kXmp = 4,
    kIptc = 8,
    kText = 16,
    kDensity = 32,
    kLight = 64,
    kMastering = 128,
    kGainMap = 256,
    kPreviewColour = 512,
    kPreviewAlpha = 1024,
    kOffsets = 2048,
    kJpegHeader = 4096,
    kJpegScript = 8192
  };
  // Chunks that a tile has had, as bits of tiles_seen_.
  enum PerTile : uint8_t { kColour = 1, kAlpha = 2, kEnhanced = 4 };

  static unsigned single_of(uint32_t type);
  void note_first(const Chunk& chunk, unsigned single);
  void add_metadata(const Chunk& chunk, unsigned single, Bytes file);
  void add_preview(const Chunk& chunk, unsigned single, Bytes file);
  void add_jpeg(const Chunk& chunk, unsigned single, Bytes file);
  void add_offsets(const Chunk& chunk, Bytes file);
  void add_tile(const Chunk& chunk, Bytes file);
  void add_cut(const Chunk& chunk, Bytes file);
  void add_enhancement(const Chunk& chunk, Bytes file);
  EnhancementChunk checked_enhancement(const Chunk& chunk, Bytes file) const;
  bool read_enhancement(Bytes file, uint64_t end);
  bool find_tiles(Bytes file, const TileRange& wanted, Vector<Extent>* found) const;
  TileRange wanted_tiles(const Needed* needed) const;
  void keep_wanted(Vector<Extent>* tiles, const TileRange& wanted, const char* what);
  void check_models();

  bool strict_;
  bool has_tiles_ = true;  // false: a JPEG that is kept as bytes alone
  unsigned seen_ = 0;
  Vector<uint8_t> tiles_seen_;
  Vector<uint32_t> offsets_;  // lengths of the tile chunks from tOCS; empty without it
  size_t first_tile_ = 0;     // where those chunks begin, then
  Vector<uint32_t> tile_lengths_;
  Vector<int> enhanced_;  // tiles whose enhancement has come, since the last tile chunk
  CodedPreview preview_ = {};
  unsigned preview_parts_ = 0;  // kPreviewColour, kPreviewAlpha
};

}  // namespace veneer
