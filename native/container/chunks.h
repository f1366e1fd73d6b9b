// Framing of chunks: length, type, payload, checksum; and finding the next chunk after damage.
//
// Place: below assembly.h, which knows what the chunks mean.
// Source: docs/format.md, "Chunks" and "Damaged and cut files".
#pragma once
#include <cstddef>
#include <cstdint>
#include <optional>

#include "common/failure.h"
#include "common/runner.h"
#include "common/span.h"
#include "container/extent.h"

namespace veneer {

constexpr size_t kLengthSize = 4, kTypeSize = 4, kHeaderSize = kLengthSize + kTypeSize;
constexpr size_t kTrailerSize = 4, kFrameSize = kHeaderSize + kTrailerSize;
constexpr size_t kTileIndexSize = 2;

// Receives problems; throws those that are not to be tolerated.
using Report = FunctionRef<void(const Problem&)>;

// A chunk that lies within the file, or its beginning where the file ends first.
struct Chunk {
  size_t offset = 0;  // where its header begins
  uint32_t type = 0;  // four bytes as a number, see chunk_type()
  Extent payload;
  bool intact = false;  // its checksum agrees
  size_t missing = 0;   // bytes of payload and trailer that that the file lacks; the payload is then its beginning,
                        // and unchecked

  size_t payload_offset() const { return offset + kHeaderSize; }
  size_t end() const { return offset + kFrameSize + payload.size; }
};

// Four characters of a type for messages.
struct TypeName {
  char text[5];
};
TypeName type_name(uint32_t type);

// A chunk for messages: its type, and its tile if it is for one.
struct ChunkName {
  char text[32];
};
ChunkName chunk_name(Bytes file, const Chunk& chunk);

// The tile that a chunk of colour or alpha is for; -1 for other chunks, and where the payload is too short for it.
int tile_number(Bytes file, const Chunk& chunk);

// The chunk whose header begins at `offset`, of any value; nothing if there cannot be a chunk or it exceeds the file.
// Where `length` is not negative the payload must have that length.
std::optional<Chunk> chunk_at(Bytes file, size_t offset, int64_t length = -1);

// The same, or as much as there is of it.
std::optional<Chunk> start_at(Bytes file, size_t offset);

// The bytes where a chunk at `offset` would have its type, as a number; nothing if the file ends before them.
std::optional<uint32_t> type_at(Bytes file, size_t offset);

// Goes through the chunks of a file, over damaged ones.
class ChunkReader {
 public:
  // position: offset of the first chunk to read. The callable of `report` must outlive the reader.
  ChunkReader(Bytes file, size_t position, Report report);

  // Goes on from where it is, as far as a chunk of a type in `stop_before`, which must outlive the reading.
  void restart(Span<const uint32_t> stop_before);

  // The next intact chunk up to TEND, the end of the data, or one that it stops before; nothing after those. Where
  // the file ends within a chunk, the last one is its beginning.
  // Throws Failure of kTooManyChunks since the last restart, and what `report` throws.
  std::optional<Chunk> next();

 private:
  // What can be used at a place, and where to go on; nothing where nothing is left.
  struct Step {
    std::optional<Chunk> chunk;
    std::optional<size_t> following;
  };
  // Report the damage at `position`.
  Step recover(size_t position, const std::optional<Chunk>& chunk);
  Step end_of_file(size_t position, const std::optional<Chunk>& chunk);
  // The chunk that fills the bytes up to `following`, whatever its length says; nothing if its checksum is wrong.
  std::optional<Chunk> chunk_between(size_t position, size_t following) const;
  bool may_begin_chunk(size_t position) const;
  bool stops_at(size_t position) const;

  Bytes file_;
  size_t position_;
  Report report_;
  Span<const uint32_t> stop_before_;
  int64_t search_budget_;
  int count_ = 0;
  bool finished_ = false;
};

}  // namespace veneer
