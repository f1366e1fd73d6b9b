// Chunks of a file that comes in pieces: each as soon as its last byte is there.
// Source: docs/format.md, "Chunks" and "Damaged and cut files".
#pragma once
#include <cstddef>
#include <cstdint>
#include <optional>

#include "common/memory.h"
#include "common/span.h"
#include "container/chunks.h"
#include "container/structures.h"

namespace veneer {

// Keeps what has come of a file, and gives its chunks. Where the framing is lost it gives no more chunks: finding
// the next intact one takes the whole file.
class ArrivingChunks {
 public:
  // Takes the next bytes. Views of earlier bytes become invalid.
  void add(Bytes data);

  // All that has come.
  Bytes whole() const { return {data_.data(), data_.size()}; }

  // The bytes of the signature and of all chunks that have been given.
  Bytes given() const { return whole().part(0, position_); }

  // HEAD; nothing while more bytes are needed for it. To be called until there is one.
  // Throws Failure as of read_head() of reader.h, as soon as no following bytes can prevent it.
  std::optional<Head> read_head(int64_t max_pixels);

  // The next intact chunk that is complete by now, up to TEND; nothing if it has not come. HEAD must have been read.
  // Damage is passed to `report`. Throws Failure of kTooManyChunks, and what `report` throws.
  std::optional<Chunk> next(Report report);

 private:
  struct Header {
    size_t length;
    uint32_t type;
  };
  std::optional<Header> header_at(size_t offset) const;
  std::optional<Chunk> chunk_here(Report report);
  void lose(Report report);

  Vector<uint8_t> data_;
  size_t position_ = 0;
  int count_ = 0;
  bool lost_ = false, ended_ = false;
};

}  // namespace veneer
