#include "container/chunks.h"

#include <algorithm>
#include <cstdio>

#include "common/chunk_search.h"
#include "common/crc32c.h"
#include "common/limits.h"
#include "container/syntax.h"

namespace veneer {
namespace {

// Whether the trailer at `end` belongs to a payload from `start` on; both lie within the file.
bool checksum_agrees(Bytes file, size_t start, size_t end) {
  const uint32_t sum = crc32c(file.data + start - kTypeSize, end - start + kTypeSize);
  return sum == read_number(file.data + end, kTrailerSize);
}

// Whether `count` bytes from `offset` on are there.
bool has_bytes(Bytes file, size_t offset, size_t count) { return offset <= file.size && count <= file.size - offset; }

Problem checksum_problem(Bytes file, const Chunk& chunk) {
  return make_problem(ErrorCode::kChecksum, static_cast<int64_t>(chunk.offset), "the checksum of chunk %s is wrong",
                      chunk_name(file, chunk).text);
}

}  // namespace

TypeName type_name(uint32_t type) {
  TypeName name{};
  for (int i = 0; i < 4; ++i) name.text[i] = static_cast<char>(type >> 8 * i & 255);
  return name;
}

ChunkName chunk_name(Bytes file, const Chunk& chunk) {
  ChunkName name{};
  const TypeName type = type_name(chunk.type);
  const int tile = tile_number(file, chunk);
  if (tile < 0) {
    std::snprintf(name.text, sizeof name.text, "%s", type.text);
  } else {
    std::snprintf(name.text, sizeof name.text, "%s of tile %d", type.text, tile);
  }
  return name;
}

int tile_number(Bytes file, const Chunk& chunk) {
  const bool is_tile = chunk.type == chunk_type("BASE") || chunk.type == chunk_type("ALPH");
  if (!is_tile || chunk.payload.size < kTileIndexSize) return -1;
  return static_cast<int>(read_number(chunk.payload.in(file).data, kTileIndexSize));
}

std::optional<uint32_t> type_at(Bytes file, size_t offset) {
  if (!has_bytes(file, offset, kHeaderSize)) return std::nullopt;
  return read_number(file.data + offset + kLengthSize, kTypeSize);
}

std::optional<Chunk> chunk_at(Bytes file, size_t offset, int64_t length) {
  if (length >= 0) {
    if (!has_bytes(file, offset, kHeaderSize) || read_number(file.data + offset, kLengthSize) != length) {
      return std::nullopt;
    }
  }
  const std::optional<Chunk> chunk = start_at(file, offset);
  return chunk && chunk->missing == 0 ? chunk : std::nullopt;
}

std::optional<Chunk> start_at(Bytes file, size_t offset) {
  const std::optional<uint32_t> type = type_at(file, offset);
  if (!type || !is_chunk_type(*type)) return std::nullopt;
  const size_t length = read_number(file.data + offset, kLengthSize);
  if (length > kMaxChunkLength) return std::nullopt;
  const size_t start = offset + kHeaderSize, left = file.size - start;
  Chunk chunk;
  chunk.offset = offset;
  chunk.type = *type;
  chunk.payload = {static_cast<int64_t>(start), std::min(length, left)};
  if (length + kTrailerSize > left) {
    chunk.missing = length + kTrailerSize - left;
  } else {
    chunk.intact = checksum_agrees(file, start, start + length);
  }
  return chunk;
}

ChunkReader::ChunkReader(Bytes file, size_t position, Report report)
    : file_(file),
      position_(position),
      report_(report),
      search_budget_(kMaxResyncFactor * static_cast<int64_t>(file.size)) {}

void ChunkReader::restart(Span<const uint32_t> stop_before) {
  stop_before_ = stop_before;
  count_ = 0;
}

std::optional<Chunk> ChunkReader::next() {
  for (;;) {
    if (count_ == kMaxChunks) {
      fail(ErrorCode::kTooManyChunks, static_cast<int64_t>(position_), "more than %d chunks", kMaxChunks);
    }
    ++count_;
    if (finished_ || stops_at(position_)) return std::nullopt;
    Step step;
    step.chunk = start_at(file_, position_);
    if (!step.chunk || !step.chunk->intact) {
      step = recover(position_, step.chunk);
    } else if (step.chunk->type != chunk_type("TEND")) {
      step.following = step.chunk->end();
    }
    finished_ = !step.following;
    if (step.following) position_ = *step.following;
    if (step.chunk) return step.chunk;
  }
}

ChunkReader::Step ChunkReader::recover(size_t position, const std::optional<Chunk>& chunk) {
  const bool is_all_there = chunk && chunk->missing == 0;
  if (is_all_there && may_begin_chunk(chunk->end())) {
    report_(checksum_problem(file_, *chunk));
    return {std::nullopt, chunk->end()};
  }
  if (is_all_there) {
    // Its checksum was computed in vain, and its bytes are searched again. This bounds the work: else headers that each
    // claim the rest of the file would make it quadratic.
    const auto size = static_cast<int64_t>(kFrameSize + chunk->payload.size);
    search_budget_ = std::max(search_budget_ - size, int64_t{0});
  }
  const FoundChunk found = find_chunk(file_.data, file_.size, position + 1, known_types(), search_budget_);
  search_budget_ = found.budget;
  if (found.offset < 0) return end_of_file(position, chunk);
  const auto following = static_cast<size_t>(found.offset);
  const std::optional<Chunk> whole = chunk_between(position, following);
  const auto offset = static_cast<int64_t>(position);
  if (whole) {
    report_(make_problem(ErrorCode::kFramingLost, offset, "the length of chunk %s is damaged",
                         chunk_name(file_, *whole).text));
  } else {
    report_(make_problem(ErrorCode::kFramingLost, offset, "%zu bytes before the next intact chunk are damaged",
                         following - position));
  }
  return {whole, following};
}

ChunkReader::Step ChunkReader::end_of_file(size_t position, const std::optional<Chunk>& chunk) {
  const auto offset = static_cast<int64_t>(position);
  if (chunk && chunk->missing == 0) {
    report_(checksum_problem(file_, *chunk));
  } else if (position == file_.size) {
    report_(make_problem(ErrorCode::kNoEnd, offset, "the file ends without its last chunk, TEND"));
  } else if (!chunk) {
    report_(make_problem(ErrorCode::kChunkCut, offset, "the file ends within a chunk"));
  } else {
    report_(make_problem(ErrorCode::kChunkCut, offset, "the file ends within chunk %s, %zu bytes too early",
                         chunk_name(file_, *chunk).text, chunk->missing));
    return {chunk, std::nullopt};
  }
  return {std::nullopt, std::nullopt};
}

std::optional<Chunk> ChunkReader::chunk_between(size_t position, size_t following) const {
  if (following - position < kFrameSize) return std::nullopt;
  const size_t start = position + kHeaderSize, end = following - kTrailerSize;
  const std::optional<uint32_t> type = type_at(file_, position);
  if (!type || !is_chunk_type(*type) || !checksum_agrees(file_, start, end)) return std::nullopt;
  Chunk chunk;
  chunk.offset = position;
  chunk.type = *type;
  chunk.payload = {static_cast<int64_t>(start), end - start};
  chunk.intact = true;
  return chunk;
}

bool ChunkReader::may_begin_chunk(size_t position) const {
  const std::optional<uint32_t> type = type_at(file_, position);
  return position == file_.size || (type && is_chunk_type(*type));
}

bool ChunkReader::stops_at(size_t position) const {
  const std::optional<uint32_t> type = type_at(file_, position);
  return type && std::find(stop_before_.begin(), stop_before_.end(), *type) != stop_before_.end();
}

}  // namespace veneer
