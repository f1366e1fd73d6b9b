// Chunks of metadata to what they say. Those that are bytes for other programs stay bytes; the others have a form that is
// checked.
// Source: docs/format.md, "Metadata", "Light of HDR pictures" and "Gain maps".
#pragma once
#include "common/memory.h"
#include "common/span.h"
#include "container/contents.h"
#include "container/syntax.h"

namespace veneer {

// The chunks of metadata, each of which stands at most once.
constexpr uint32_t kMetadataTypes[] = {chunk_type("iCCP"), chunk_type("eXIF"), chunk_type("xMP_"),
                                       chunk_type("iPTC"), chunk_type("tEXT"), chunk_type("dENS"),
                                       chunk_type("cLLI"), chunk_type("mDCV"), chunk_type("gMAP")};

// The place of a chunk's type among them; -1 for chunks of other types.
int metadata_index(uint32_t type);

// What a chunk tEXT says. Throws Failure of kChunkSize, kFieldValue or kMetadataTooLarge where it breaks a rule.
Vector<TextEntry> read_texts(Bytes file, const Extent& payload);

// What a chunk dENS says, into `metadata`. Throws Failure of kChunkSize, kFieldValue or kFeature; then nothing changes.
void read_density(Bytes file, const Extent& payload, Metadata* metadata);

// What chunks cLLI, mDCV and gMAP say. Throw Failure of kChunkSize, kFieldValue or kFeature.
ContentLight read_content_light(Bytes file, const Extent& payload);
MasteringVolume read_mastering_volume(Bytes file, const Extent& payload);
CodedGainMap read_gain_map(Bytes file, const Extent& payload);

// The file that is the picture of a gain map.
Vector<uint8_t> gain_map_picture(Bytes file, const CodedGainMap& map);

}  // namespace veneer
