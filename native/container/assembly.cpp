#include "container/assembly.h"

#include <cstdio>
#include <cstring>

#include "base/jpeg/geometry.h"
#include "common/limits.h"
#include "container/metadata.h"
#include "container/syntax.h"

namespace veneer {
namespace {

constexpr uint32_t kColourType = chunk_type("BASE"), kAlphaType = chunk_type("ALPH");

int64_t offset_of(const Chunk& chunk) { return static_cast<int64_t>(chunk.offset); }

}  // namespace

Assembly::Assembly(const Head& head, bool strict) : strict_(strict) {
  const auto count = static_cast<size_t>(tile_grid(head).count());
  contents.head = head;
  contents.colour_tiles.resize(count);
  contents.alpha_tiles.resize(has_alpha_chunks(head) ? count : 0);
  contents.enhancement.resize(count);
  tiles_seen_.resize(count);
}

void Assembly::report(const Problem& problem) {
  if (strict_) throw Failure(problem);
  contents.problems.add(problem);
}

unsigned Assembly::single_of(uint32_t type) {
  if (const int index = metadata_index(type); index >= 0) return kIcc << index;
  switch (type) {
    case chunk_type("pREV"):
      return kPreviewColour;
    case chunk_type("pALP"):
      return kPreviewAlpha;
    case chunk_type("JHDR"):
      return kJpegHeader;
    case chunk_type("JSCR"):
      return kJpegScript;
    case chunk_type("tOCS"):
      return kOffsets;
    default:
      return 0;
  }
}

void Assembly::add(const Chunk& chunk, Bytes file) {
  if (chunk.missing > 0) return add_cut(chunk, file);
  if (const unsigned single = single_of(chunk.type)) {
    note_first(chunk, single);
    if (single == kOffsets) return add_offsets(chunk, file);
    if (single == kPreviewColour || single == kPreviewAlpha) return add_preview(chunk, single, file);
    if (single == kJpegHeader || single == kJpegScript) return add_jpeg(chunk, single, file);
    return add_metadata(chunk, single, file);
  }
  switch (chunk.type) {
    case kColourType:
    case kAlphaType:
      return add_tile(chunk, file);
    case chunk_type("eNHA"):
      return add_enhancement(chunk, file);
    case chunk_type("TEND"):
      return read_structure(kEndSyntax, file, chunk.payload, nullptr);
    case chunk_type("HEAD"):
      fail(ErrorCode::kChunkRepeated, offset_of(chunk), "a second chunk HEAD");
    default:
      if (!is_critical(chunk.type)) return;
      fail(ErrorCode::kCriticalChunk, offset_of(chunk), "chunk %s needs a newer decoder", type_name(chunk.type).text);
  }
}

// Checks a chunk that stands at most once, before the tiles.
void Assembly::note_first(const Chunk& chunk, unsigned single) {
  const TypeName name = type_name(chunk.type);
  if (seen_ & single) fail(ErrorCode::kChunkRepeated, offset_of(chunk), "a second chunk %s", name.text);
  if (!tile_lengths_.empty()) {
    fail(ErrorCode::kChunkOrder, offset_of(chunk), "chunk %s stands behind a tile", name.text);
  }
  seen_ |= single;
}

// Takes a chunk of metadata; one that breaks a rule is reported and ignored.
void Assembly::add_metadata(const Chunk& chunk, unsigned single, Bytes file) {
  if (chunk.payload.size > static_cast<size_t>(kMaxMetadataLength)) {
    fail(ErrorCode::kMetadataTooLarge, offset_of(chunk), "%zu bytes of %s are more than the %lld allowed",
         chunk.payload.size, type_name(chunk.type).text, static_cast<long long>(kMaxMetadataLength));
  }
  Metadata& metadata = contents.metadata;
  if (single == kIcc) metadata.icc = chunk.payload;
  if (single == kExif) metadata.exif = chunk.payload;
  if (single == kXmp) metadata.xmp = chunk.payload;
  if (single == kIptc) metadata.iptc = chunk.payload;
  try {
    if (single == kText) metadata.texts = read_texts(file, chunk.payload);
    if (single == kDensity) read_density(file, chunk.payload, &metadata);
    if (single == kLight) metadata.content_light = read_content_light(file, chunk.payload);
    if (single == kMastering) metadata.mastering_volume = read_mastering_volume(file, chunk.payload);
    if (single == kGainMap) metadata.gain_map = read_gain_map(file, chunk.payload);
  } catch (const Failure& failure) {
    report(failure.problem());
  }
}

// Takes one of the chunks of the preview, which is there as soon as all of them are.
void Assembly::add_preview(const Chunk& chunk, unsigned single, Bytes file) {
  if (single == kPreviewColour) {
    try {
      FieldValue values[kMaxFields];
      read_structure(kPreviewSyntax, file, chunk.payload, values);
    } catch (const Failure& failure) {
      report(failure.problem());
      return;
    }
    std::memcpy(preview_.parameters, chunk.payload.in(file).data, kBaseParamsSize);
    preview_.colour = chunk.payload.from(kBaseParamsSize);
  } else {
    preview_.alpha = chunk.payload;
  }
  preview_parts_ |= single;
  const unsigned needed = has_alpha(contents.head) ? kPreviewColour | kPreviewAlpha : kPreviewColour;
  if ((preview_parts_ & needed) != needed) return;
  contents.preview = preview_;
  contents.preview->has_alpha = has_alpha(contents.head);
  if (!contents.preview->has_alpha) contents.preview->alpha = {};
}

// Takes what belongs to a JPEG base, and to no other.
void Assembly::add_jpeg(const Chunk& chunk, unsigned single, Bytes file) {
  if (contents.head.base_kind != kJpeg) {
    fail(ErrorCode::kChunkOrder, offset_of(chunk), "chunk %s belongs to Base_Kind %d alone", type_name(chunk.type).text,
         kJpeg);
  }
  (single == kJpegHeader ? contents.jpeg_header : contents.jpeg_script) = chunk.payload;
  jpeg::Image image;
  if (single == kJpegHeader && jpeg::decode_geometry(chunk.payload.in(file), &image)) has_tiles_ = image.count > 0;
}

void Assembly::add_offsets(const Chunk& chunk, Bytes file) {
  const size_t expected = contents.colour_tiles.size() + contents.alpha_tiles.size();
  if (chunk.payload.size != sizeof(uint32_t) * expected) {  // before they are read: there can be very many
    fail(ErrorCode::kChunkSize, chunk.payload.offset, "%zu bytes of tOCS, but %zu tile chunks belong to the picture",
         chunk.payload.size, expected);
  }
  FieldValue values[kMaxFields];
  read_structure(kOffsetsSyntax, file, chunk.payload, values);
  const Bytes lengths = chunk.payload.in(file);
  offsets_.resize(expected);
  for (size_t i = 0; i < expected; ++i) {
    offsets_[i] = read_number(lengths.data + i * sizeof(uint32_t), sizeof(uint32_t));
  }
  first_tile_ = chunk.end();
}

void Assembly::add_tile(const Chunk& chunk, Bytes file) {
  const TypeName name = type_name(chunk.type);
  const bool is_colour = chunk.type == kColourType;
  Vector<Extent>& tiles = is_colour ? contents.colour_tiles : contents.alpha_tiles;
  FieldValue values[kMaxFields];
  read_structure(is_colour ? kColourSyntax : kAlphaSyntax, file, chunk.payload, values);
  const auto index = static_cast<size_t>(values[0].number);
  if (index >= tiles.size()) {
    fail(ErrorCode::kTileIndex, chunk.payload.offset, "chunk %s is for tile %zu, but there are %zu", name.text, index,
         tiles.size());
  }
  const uint8_t plane = is_colour ? kColour : kAlpha;
  if (tiles_seen_[index] & plane) {
    fail(ErrorCode::kChunkRepeated, offset_of(chunk), "a second chunk %s for tile %zu", name.text, index);
  }
  tiles_seen_[index] |= plane;
  tile_lengths_.push_back(static_cast<uint32_t>(chunk.payload.size));
  tiles[index] = values[1].bytes;
  if (enhanced_.empty()) return;
  for (const int tile : enhanced_) contents.enhancement[tile].reset();
  enhanced_.clear();
  report(make_problem(ErrorCode::kChunkOrder, offset_of(chunk), "chunks eNHA stand before chunk %s of tile %zu",
                      name.text, index));
}

// Takes what there is of a tile's colour; no checksum covers it, so that nothing in it is an error.
void Assembly::add_cut(const Chunk& chunk, Bytes file) {
  const int index = chunk.type == kColourType ? tile_number(file, chunk) : -1;
  Vector<Extent>& tiles = contents.colour_tiles;
  if (index < 0 || static_cast<size_t>(index) >= tiles.size() || (tiles_seen_[index] & kColour)) return;
  tiles_seen_[index] |= kColour;
  tiles[index] = chunk.payload.from(kTileIndexSize);
  if (chunk.missing > kTrailerSize) contents.cut_tile = index;
}

// A chunk eNHA, if it keeps the rules.
EnhancementChunk Assembly::checked_enhancement(const Chunk& chunk, Bytes file) const {
  const EnhancementChunk found = read_enhancement_fields(file, chunk.payload);
  const size_t count = contents.enhancement.size();
  if (static_cast<size_t>(found.tile) >= count) {
    fail(ErrorCode::kTileIndex, chunk.payload.offset, "chunk eNHA is for tile %d, but there are %zu", found.tile,
         count);
  }
  if (tiles_seen_[found.tile] & kEnhanced) {
    fail(ErrorCode::kChunkRepeated, offset_of(chunk), "a second chunk eNHA for tile %d", found.tile);
  }
  const Head& head = contents.head;
  if (found.slot >= head.model_count || !(head.models[found.slot].role & kRestores)) {
    fail(ErrorCode::kSlotUnknown, chunk.payload.offset, "no model that restores has the place %d in the table of %d",
         found.slot, head.model_count);
  }
  return found;
}

// Takes a chunk eNHA; an invalid one is reported and ignored.
void Assembly::add_enhancement(const Chunk& chunk, Bytes file) {
  try {
    const EnhancementChunk found = checked_enhancement(chunk, file);
    tiles_seen_[found.tile] |= kEnhanced;
    contents.enhancement[found.tile] = found;
    enhanced_.push_back(found.tile);
  } catch (const Failure& failure) {
    report(failure.problem());
  }
}

}  // namespace veneer
