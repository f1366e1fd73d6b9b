#include "container/reader.h"

#include <cstring>

#include "container/assembly.h"
#include "container/chunks.h"
#include "container/syntax.h"

namespace veneer {
namespace {

constexpr size_t kFirstChunk = kSignatureSize;
constexpr uint32_t kTileTypes[] = {chunk_type("BASE"), chunk_type("ALPH")};

// Whether the bytes where the first chunk has its type are those of HEAD, as far as they are there.
bool may_begin_with_head(Bytes file) {
  const size_t first = kFirstChunk + kLengthSize;
  const size_t there = file.size > first ? std::min(file.size - first, kTypeSize) : 0;
  return std::memcmp(file.data + std::min(first, file.size), "HEAD", there) == 0;
}

// Takes the chunks before the tiles.
void add_front(ChunkReader* reader, Bytes file, Assembly* assembly) {
  reader->restart({kTileTypes, 2});
  while (const std::optional<Chunk> chunk = reader->next()) assembly->add(*chunk, file);
}

}  // namespace

void check_signature(Bytes file) {
  const size_t there = std::min(file.size, kSignatureSize);
  size_t same = 0;
  while (same < there && file[same] == kSignature[same]) ++same;
  if (same == kSignatureSize) return;
  if (there > 0 && same == there) {
    fail(ErrorCode::kHeadCut, static_cast<int64_t>(there), "the file ends within its signature");
  }
  const bool has_name = there >= 4 && std::memcmp(file.data + 1, kSignature + 1, 3) == 0;
  fail(ErrorCode::kNoSignature, 0, "%s",
       has_name    ? "the signature is damaged, as by a transfer in text mode"
       : there > 0 ? "not a Veneer file"
                   : "there is no data");
}

// Values of HEAD that do not go with a JPEG base.
void check_jpeg(const Head& head, int64_t offset) {
  if (has_alpha(head)) {
    fail(ErrorCode::kFieldValue, offset, "Channels is %d, but must be 1 or 3 with Base_Kind %d", head.channels, kJpeg);
  }
  for (const ModelSlot& slot : head.model_table()) {
    if (slot.role == kRestores && head.model_count == 1) continue;
    fail(ErrorCode::kFieldValue, offset, "Models may hold one that restores, and no other, with Base_Kind %d", kJpeg);
  }
}

// Values of HEAD that do not go with a transform base.
void check_transform(const Head& head, int64_t offset) {
  const int depth = head.bit_depth;
  if (depth < 8) {
    fail(ErrorCode::kFeature, offset, "Bit_Depth %d with Base_Kind %d needs a newer decoder; this one knows 8..16",
         depth, head.base_kind);
  }
  if (depth > 8 && head.base_scale != 1) {
    fail(ErrorCode::kFeature, offset, "Base_Scale %d with Bit_Depth %d needs a newer decoder; this one knows 1",
         head.base_scale, depth);
  }
  if (depth > 8 && (head.base_params.tools & kToolScreen) != 0) {
    fail(ErrorCode::kFeature, offset,
         "Tools %d with Bit_Depth %d needs a newer decoder; this one knows no screen content", head.base_params.tools,
         depth);
  }
}

// Values of HEAD that do not go with the kind of the base.
void check_kind(const Head& head, int64_t offset) {
#if defined(VENEER_BASE_ONLY)
  if (head.base_kind != kTransform || head.bit_depth != 8) {
    fail(ErrorCode::kFeature, offset,
         "Base_Kind %d with Bit_Depth %d needs the whole decoder; this one knows %d with 8", head.base_kind,
         head.bit_depth, kTransform);
  }
#endif
  if (head.base_kind == kJpeg && head.bit_depth != 8) {
    fail(ErrorCode::kFeature, offset, "Bit_Depth %d with Base_Kind %d needs a newer decoder; this one knows 8",
         head.bit_depth, head.base_kind);
  }
  if (head.base_kind == kTransform) return check_transform(head, offset);
  if (head.base_scale != 1) {
    fail(ErrorCode::kFieldValue, offset, "Base_Scale is %d, but must be 1 with Base_Kind %d", head.base_scale,
         head.base_kind);
  }
  if (head.base_kind == kJpeg) return check_jpeg(head, offset);
  if (head.model_count > 0) {
    fail(ErrorCode::kFieldValue, offset, "%d Models, but none are allowed with Base_Kind 1", head.model_count);
  }
  if (head.sample_format == kHalfFloats && (head.bit_depth != 16 || head.max_error != 0)) {
    fail(ErrorCode::kFieldValue, offset, "Bit_Depth is %d and Max_Error %d, but must be 16 and 0 with Sample_Format 1",
         head.bit_depth, head.max_error);
  }
}

std::pair<Head, size_t> read_head(Bytes file, int64_t max_pixels) {
  check_signature(file);
  if (!may_begin_with_head(file)) fail(ErrorCode::kChunkOrder, kFirstChunk, "the first chunk is not HEAD");
  const std::optional<Chunk> chunk = chunk_at(file, kFirstChunk);
  if (!chunk) {
    fail(ErrorCode::kHeadCut, static_cast<int64_t>(file.size), "the file ends before the end of chunk HEAD");
  }
  if (!chunk->intact) fail(ErrorCode::kChecksum, kFirstChunk, "the checksum of chunk HEAD is wrong");
  const Head head = read_head_fields(file, chunk->payload);
  check_kind(head, chunk->payload.offset);
  if (int64_t{head.width} * head.height > max_pixels) {
    fail(ErrorCode::kPictureTooLarge, chunk->payload.offset,
         "%dx%d pixels are more than the %lld allowed here; see max_pixels", head.width, head.height,
         static_cast<long long>(max_pixels));
  }
  if (head.base_scale != 1 && has_alpha(head)) {
    fail(ErrorCode::kFieldValue, chunk->payload.offset, "Base_Scale is %d, but must be 1 in a picture with alpha",
         head.base_scale);
  }
  tile_grid(head);
  return {head, chunk->end()};
}

Contents read_contents(Bytes file, bool strict, int64_t max_pixels, const Needed* needed, bool enhancement) {
  const auto [head, position] = read_head(file, max_pixels);
  Assembly assembly(head, strict);
  const auto report = [&assembly](const Problem& problem) { assembly.report(problem); };
  ChunkReader reader(file, position, report);
  add_front(&reader, file, &assembly);
  if (needed == nullptr || !assembly.seek_tiles(file, *needed, enhancement)) {
    reader.restart({});
    while (const std::optional<Chunk> chunk = reader.next()) assembly.add(*chunk, file);
    assembly.check_complete(needed);
  }
  return std::move(assembly.contents);
}

Contents read_front(Bytes file, int64_t max_pixels) {
  const auto [head, position] = read_head(file, max_pixels);
  Assembly assembly(head, false);
  const auto report = [&assembly](const Problem& problem) { assembly.report(problem); };
  ChunkReader reader(file, position, report);
  add_front(&reader, file, &assembly);
  return std::move(assembly.contents);
}

}  // namespace veneer
