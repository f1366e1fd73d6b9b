#include "container/arrival.h"

#include <algorithm>
#include <cstring>

#include "common/limits.h"
#include "container/reader.h"
#include "container/syntax.h"

namespace veneer {

void ArrivingChunks::add(Bytes data) { data_.insert(data_.end(), data.begin(), data.end()); }

std::optional<Head> ArrivingChunks::read_head(int64_t max_pixels) {
  const size_t there = std::min(data_.size(), kSignatureSize);
  if (there > 0 && std::memcmp(data_.data(), kSignature, there) != 0) check_signature(whole().part(0, there));
  const std::optional<Header> header = header_at(kSignatureSize);
  if (!header) return std::nullopt;
  const size_t left = data_.size() - kSignatureSize;
  if (header->type == chunk_type("HEAD") && left < kFrameSize + header->length) return std::nullopt;
  const auto [head, position] = veneer::read_head(whole(), max_pixels);
  position_ = position;
  return head;
}

std::optional<Chunk> ArrivingChunks::next(Report report) {
  while (!lost_ && !ended_) {
    const std::optional<Chunk> chunk = chunk_here(report);
    if (!chunk) return std::nullopt;
    position_ = chunk->end();
    if (++count_ > kMaxChunks) {
      fail(ErrorCode::kTooManyChunks, static_cast<int64_t>(position_), "more than %d chunks", kMaxChunks);
    }
    if (!chunk->intact) continue;
    ended_ = chunk->type == chunk_type("TEND");
    return chunk;
  }
  return std::nullopt;
}

// The chunk at the current position; nothing if it is incomplete or is not a chunk.
std::optional<Chunk> ArrivingChunks::chunk_here(Report report) {
  const std::optional<Header> header = header_at(position_);
  if (!header) return std::nullopt;
  if (!is_chunk_type(header->type)) {
    lose(report);
    return std::nullopt;
  }
  const std::optional<Chunk> chunk = chunk_at(whole(), position_);
  if (!chunk || chunk->intact) return chunk;
  const std::optional<uint32_t> following = type_at(whole(), chunk->end());
  if (!following) return std::nullopt;  // whether its length can be trusted shows in what follows
  if (!is_chunk_type(*following)) {
    lose(report);
    return std::nullopt;
  }
  report(make_problem(ErrorCode::kChecksum, static_cast<int64_t>(chunk->offset), "the checksum of chunk %s is wrong",
                      type_name(chunk->type).text));
  return chunk;
}

// The chunk header there, of any type; nothing if it has not come. The type is 0 if there cannot be a chunk.
std::optional<ArrivingChunks::Header> ArrivingChunks::header_at(size_t offset) const {
  const std::optional<uint32_t> type = type_at(whole(), offset);
  if (!type) return std::nullopt;
  const size_t length = read_number(data_.data() + offset, kLengthSize);
  return length <= kMaxChunkLength ? Header{length, *type} : Header{0, 0};
}

void ArrivingChunks::lose(Report report) {
  lost_ = true;
  report(make_problem(ErrorCode::kFramingLost, static_cast<int64_t>(position_), "bytes that are no chunk"));
}

}  // namespace veneer
