// Every structure of a file as a table of fields, in file order. syntax.py is its twin; a test compares them field by
// field (tests/native/test_core_container.py).
// Source: docs/format.md, "Signature", "Chunks", "HEAD" and the sections of the other chunks.
#pragma once
#include <cstddef>
#include <cstdint>

#include "common/span.h"
#include "container/fields.h"
#include "container/structures.h"

namespace veneer {

constexpr size_t kSignatureSize = 8;
extern const uint8_t kSignature[kSignatureSize];

constexpr int kFormatVersion = 1;

// The fields of a HEAD with this payload: those of the header of the base are by Base_Kind.
const Structure& head_syntax(Bytes payload);

// Four characters as a number, the first one lowest.
constexpr uint32_t chunk_type(const char (&name)[5]) {
  uint32_t type = 0;
  for (int i = 4; i-- > 0;) type = type << 8 | static_cast<uint8_t>(name[i]);
  return type;
}

// Every chunk that this version knows.
struct ChunkSyntax {
  uint32_t type;
  const Structure* structure;
};
Span<const ChunkSyntax> known_chunks();
// Their types alone.
Span<const uint32_t> known_types();
bool is_known_type(uint32_t type);

// Whether four bytes can be a chunk type: a letter, then capitals, digits or underscores.
bool is_chunk_type(uint32_t type);

// Whether a decoder must know a chunk; those whose types begin with a small letter may be skipped.
bool is_critical(uint32_t type);

// Fields of the header of the base, by its kind: kBaseParamsSize bytes each.
constexpr int kTransformParameters = 6, kModularParameters = 5, kJpegParameters = 2;

extern const Structure kChunkHeaderSyntax, kChunkTrailerSyntax, kBaseParametersSyntax, kModelSyntax, kHeadSyntax,
    kModularHeadSyntax, kJpegHeadSyntax, kTextSyntax, kDensitySyntax, kContentLightSyntax, kMasteringVolumeSyntax,
    kGainMapSyntax, kPreviewSyntax, kOffsetsSyntax, kColourSyntax, kAlphaSyntax, kEnhancementSyntax, kEndSyntax;

}  // namespace veneer
