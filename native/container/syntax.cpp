#include "container/syntax.h"

#include <array>

#include "common/limits.h"

namespace veneer {
namespace {

constexpr Values one(int64_t value) { return {value, value}; }
constexpr Values range(int64_t first, int64_t last) { return {first, last}; }

constexpr Field any(const char* name, Kind kind) { return {name, kind, {}, {}, ErrorCode::kFeature, 0, nullptr}; }
constexpr Field checked(const char* name, Kind kind, Values valid, Values later = {},
                        ErrorCode later_code = ErrorCode::kFeature) {
  return {name, kind, valid, later, later_code, 0, nullptr};
}
constexpr Field numbers(const char* name, int64_t most, Values valid) {
  return {name, Kind::kNumbers, valid, {}, ErrorCode::kFeature, most, nullptr};
}
constexpr Field records(const char* name, int64_t most, const Structure* structure) {
  return {name, Kind::kRecords, {}, {}, ErrorCode::kFeature, most, structure};
}

template <size_t kCount>
constexpr Structure structure(const char* name, const Field (&fields)[kCount], bool is_repeated = false) {
  return {name, fields, static_cast<int>(kCount), is_repeated};
}
template <size_t kCount>
constexpr Structure structure(const char* name, const std::array<Field, kCount>& fields) {
  return {name, fields.data(), static_cast<int>(kCount), false};
}

// The fields of several tables, in order.
template <size_t... kCounts>
constexpr auto join(const Field (&... tables)[kCounts]) {
  std::array<Field, (kCounts + ...)> joined{};
  size_t used = 0;
  const auto append = [&](const Field* fields, size_t count) {
    for (size_t i = 0; i < count; ++i) joined[used++] = fields[i];
  };
  (append(tables, kCounts), ...);
  return joined;
}

constexpr Field kChunkHeaderFields[] = {checked("Length", Kind::kU32, range(0, kMaxChunkLength)),
                                        any("Type", Kind::kBytes4)};
constexpr Field kChunkTrailerFields[] = {any("Checksum", Kind::kU32)};

constexpr Field kBaseParameterFields[] = {
    checked("Step_Index", Kind::kU8, range(0, 223)),
    checked("Co_Step_Offset", Kind::kI8, range(-128, 127)),
    checked("Cg_Step_Offset", Kind::kI8, range(-128, 127)),
    checked("Matrix", Kind::kU8, range(0, 15), range(16, 255)),
    checked("Step_Group_Log2", Kind::kU8, {0, 0, 4, 6, true}),
    checked("Tools", Kind::kU8, range(0, 7), range(8, 255)),
};

constexpr Field kModelFields[] = {any("Model_Id", Kind::kU16), any("Model_Check", Kind::kBytes4),
                                  checked("Role", Kind::kU8, range(1, 3), range(4, 255))};

constexpr Field kPictureFields[] = {
    checked("Format_Version", Kind::kU8, range(1, kFormatVersion), range(kFormatVersion + 1, 255), ErrorCode::kVersion),
    checked("Width", Kind::kU32, range(1, kMaxSide)),
    checked("Height", Kind::kU32, range(1, kMaxSide)),
    checked("Channels", Kind::kU8, range(1, 4)),
    checked("Bit_Depth", Kind::kU8, range(1, 16)),
    checked("Colour_Primaries", Kind::kU8, range(0, 255)),
    checked("Transfer_Characteristics", Kind::kU8, range(0, 255)),
    checked("Matrix_Coefficients", Kind::kU8, one(0)),
    checked("Full_Range", Kind::kU8, range(0, 1)),
    checked("Base_Kind", Kind::kU8, range(0, 2)),
    checked("Base_Scale", Kind::kU8, range(1, 2)),
    checked("Tile_Log2", Kind::kU8, range(kMinTileLog2, kMaxTileLog2)),
    checked("Tune", Kind::kU8, range(0, 1)),
    checked("Default_Realism", Kind::kU8, range(0, 255)),
    any("Noise_Seed", Kind::kU16),
};
constexpr Field kModelTableFields[] = {records("Models", kMaxModels, &kModelSyntax)};
constexpr Field kModularFields[] = {
    checked("Max_Error", Kind::kU8, range(0, 255)),
    checked("Modular_Tools", Kind::kU8, range(0, 0), range(1, 255)),
    checked("Sample_Format", Kind::kU8, range(0, 1), range(2, 255)),
    checked("Reserved_Low", Kind::kU8, range(0, 0), range(1, 255)),
    checked("Reserved_High", Kind::kU16, range(0, 0), range(1, 65535)),
};
constexpr Field kJpegFields[] = {
    checked("Jpeg_Tools", Kind::kU16, range(0, 0), range(1, 65535)),
    checked("Reserved", Kind::kU32, range(0, 0), range(1, 4294967295)),
};
constexpr auto kHeadFields = join(kPictureFields, kBaseParameterFields, kModelTableFields);
constexpr auto kModularHeadFields = join(kPictureFields, kModularFields, kModelTableFields);
constexpr auto kJpegHeadFields = join(kPictureFields, kJpegFields, kModelTableFields);
static_assert(kHeadFields.size() <= kMaxFields, "FieldReader keeps that many");

constexpr Field kDataFields[] = {any("Data", Kind::kBytes)};
constexpr Field kDensityFields[] = {
    checked("Unit", Kind::kU8, range(0, 1), range(2, 255)),
    checked("Density_X", Kind::kU32, range(1, kMaxChunkLength)),
    checked("Density_Y", Kind::kU32, range(1, kMaxChunkLength)),
};
constexpr Field kTextFields[] = {
    // A character of a keyword takes at most two bytes.
    checked("Keyword_Length", Kind::kU8, range(1, 2 * kMaxKeywordLength)),
    any("Keyword", Kind::kCounted),
    any("Text_Length", Kind::kU32),
    any("Text", Kind::kCounted),
};
constexpr Field kContentLightFields[] = {any("Max_Content", Kind::kU16), any("Max_Frame_Average", Kind::kU16)};
constexpr Field kMasteringVolumeFields[] = {
    any("Red_X", Kind::kU16),         any("Red_Y", Kind::kU16),   any("Green_X", Kind::kU16),
    any("Green_Y", Kind::kU16),       any("Blue_X", Kind::kU16),  any("Blue_Y", Kind::kU16),
    any("White_X", Kind::kU16),       any("White_Y", Kind::kU16), any("Max_Luminance", Kind::kU32),
    any("Min_Luminance", Kind::kU32),
};
constexpr Field kGainMapFields[] = {
    checked("Metadata_Kind", Kind::kU8, range(0, 1), range(2, 255)),
    checked("Metadata_Length", Kind::kU32, range(1, kMaxChunkLength)),
    any("Metadata", Kind::kCounted),
    checked("Colour_Primaries", Kind::kU8, range(0, 255)),
    checked("Transfer_Characteristics", Kind::kU8, range(0, 255)),
    checked("Matrix_Coefficients", Kind::kU8, range(0, 255)),
    checked("Full_Range", Kind::kU8, range(0, 1)),
    any("Alternate_Icc_Length", Kind::kU32),
    any("Alternate_Icc", Kind::kCounted),
    any("Picture", Kind::kBytes),
};
constexpr auto kPreviewFields = join(kBaseParameterFields, kDataFields);
constexpr Field kOffsetsFields[] = {
    numbers("Payload_Length", 2 * kMaxTiles, range(0, kMaxChunkLength)),  // colour and alpha of each tile
};
constexpr Field kTileFields[] = {checked("Tile_Index", Kind::kU16, range(0, kMaxTiles - 1)), any("Data", Kind::kBytes)};
constexpr Field kEnhancementFields[] = {
    checked("Tile_Index", Kind::kU16, range(0, kMaxTiles - 1)),
    checked("Slot", Kind::kU8, range(0, kMaxModels - 1)),
    checked("Flags", Kind::kU8, range(0, 1), range(2, 255)),
    checked("Strength", Kind::kU8, range(0, 128)),
    any("Data", Kind::kBytes),
};

constexpr Structure kIccSyntax = structure("iCCP", kDataFields), kExifSyntax = structure("eXIF", kDataFields),
                    kXmpSyntax = structure("xMP_", kDataFields), kIptcSyntax = structure("iPTC", kDataFields),
                    kPreviewAlphaSyntax = structure("pALP", kDataFields),
                    kJpegHeaderSyntax = structure("JHDR", kDataFields),
                    kJpegScriptSyntax = structure("JSCR", kDataFields);

// In the order of syntax.py.
constexpr ChunkSyntax kChunks[] = {
    {chunk_type("HEAD"), &kHeadSyntax},
    {chunk_type("iCCP"), &kIccSyntax},
    {chunk_type("eXIF"), &kExifSyntax},
    {chunk_type("xMP_"), &kXmpSyntax},
    {chunk_type("iPTC"), &kIptcSyntax},
    {chunk_type("tEXT"), &kTextSyntax},
    {chunk_type("dENS"), &kDensitySyntax},
    {chunk_type("cLLI"), &kContentLightSyntax},
    {chunk_type("mDCV"), &kMasteringVolumeSyntax},
    {chunk_type("gMAP"), &kGainMapSyntax},
    {chunk_type("pREV"), &kPreviewSyntax},
    {chunk_type("pALP"), &kPreviewAlphaSyntax},
    {chunk_type("JHDR"), &kJpegHeaderSyntax},
    {chunk_type("JSCR"), &kJpegScriptSyntax},
    {chunk_type("tOCS"), &kOffsetsSyntax},
    {chunk_type("BASE"), &kColourSyntax},
    {chunk_type("ALPH"), &kAlphaSyntax},
    {chunk_type("eNHA"), &kEnhancementSyntax},
    {chunk_type("TEND"), &kEndSyntax},
};
constexpr size_t kChunkCount = sizeof kChunks / sizeof kChunks[0];

constexpr auto types_alone() {
  std::array<uint32_t, kChunkCount> types{};
  for (size_t i = 0; i < kChunkCount; ++i) types[i] = kChunks[i].type;
  return types;
}
constexpr auto kKnownTypes = types_alone();

bool is_small(uint8_t c) { return c >= 'a' && c <= 'z'; }
bool is_capital(uint8_t c) { return c >= 'A' && c <= 'Z'; }

}  // namespace

// A byte outside ASCII, the name, and the line ends and end-of-file mark that a text transfer would change.
const uint8_t kSignature[kSignatureSize] = {0x8b, 'V', 'N', 'R', '\r', '\n', 0x1a, '\n'};

const Structure kChunkHeaderSyntax = structure("Chunk header", kChunkHeaderFields);
const Structure kChunkTrailerSyntax = structure("Chunk trailer", kChunkTrailerFields);
const Structure kBaseParametersSyntax = structure("Base parameters", kBaseParameterFields);
const Structure kModelSyntax = structure("model", kModelFields);
const Structure kHeadSyntax = structure("HEAD", kHeadFields);
const Structure kModularHeadSyntax = structure("HEAD", kModularHeadFields);
const Structure kJpegHeadSyntax = structure("HEAD", kJpegHeadFields);
const Structure kTextSyntax = structure("tEXT", kTextFields, true);
const Structure kDensitySyntax = structure("dENS", kDensityFields);
const Structure kContentLightSyntax = structure("cLLI", kContentLightFields);
const Structure kMasteringVolumeSyntax = structure("mDCV", kMasteringVolumeFields);
const Structure kGainMapSyntax = structure("gMAP", kGainMapFields);
const Structure kPreviewSyntax = structure("pREV", kPreviewFields);
const Structure kOffsetsSyntax = structure("tOCS", kOffsetsFields);
const Structure kColourSyntax = structure("BASE", kTileFields);
const Structure kAlphaSyntax = structure("ALPH", kTileFields);
const Structure kEnhancementSyntax = structure("eNHA", kEnhancementFields);
const Structure kEndSyntax = {"TEND", nullptr, 0, false};

const Structure& head_syntax(Bytes payload) {
  constexpr size_t kPlace = 15;  // of Base_Kind
  const int kind = payload.size > kPlace ? payload[kPlace] : kTransform;
  return kind == kModular ? kModularHeadSyntax : kind == kJpeg ? kJpegHeadSyntax : kHeadSyntax;
}

Span<const ChunkSyntax> known_chunks() { return {kChunks, kChunkCount}; }

Span<const uint32_t> known_types() { return {kKnownTypes.data(), kKnownTypes.size()}; }

bool is_known_type(uint32_t type) {
  for (const uint32_t known : kKnownTypes) {
    if (known == type) return true;
  }
  return false;
}

bool is_chunk_type(uint32_t type) {
  const uint8_t initial = type & 255;
  if (!is_small(initial) && !is_capital(initial)) return false;
  for (int i = 1; i < 4; ++i) {
    const uint8_t c = type >> 8 * i & 255;
    if (!is_capital(c) && !(c >= '0' && c <= '9') && c != '_') return false;
  }
  return true;
}

bool is_critical(uint32_t type) { return is_capital(type & 255); }

}  // namespace veneer
