// The structures of a file whose values the decoder keeps. container/syntax.h has their fields.
// Source: docs/format.md, "HEAD", "Preview" and "eNHA".
#pragma once
#include <cstdint>

#include "base/base_params.h"
#include "common/limits.h"
#include "common/span.h"
#include "container/extent.h"

namespace veneer {

// Sides of the picture over those of its preview.
constexpr int kPreviewScale = 8;

// What of a picture a model makes, as bits of Role.
constexpr int kRestores = 1, kTextures = 2;

// Bits of Flags.
constexpr int kFiltered = 1;

// A model that decoding asks for; chunks eNHA name it by its place in the table.
struct ModelSlot {
  int model_id = 0;
  uint8_t check[4] = {};  // first bytes of the SHA-256 of its model file
  int role = 0;           // 1..3
};

// Values of Base_Kind.
constexpr int kTransform = 0, kModular = 1, kJpeg = 2;

// Values of Sample_Format.
constexpr int kIntegers = 0, kHalfFloats = 1;

// What a decoder must know before it allocates anything.
struct Head {
  int format_version = 0;
  int width = 0, height = 0;  // of the picture, 1..65535
  int channels = 0;           // 1..4
  int bit_depth = 0;
  int colour_primaries = 0, transfer_characteristics = 0, matrix_coefficients = 0;
  int full_range = 0;
  int base_kind = 0;
  int base_scale = 0;  // 1 or 2
  int tile_log2 = 0;   // 6..16
  int tune = 0;
  int default_realism = 0;             // 0..255
  int noise_seed = 0;                  // 0..65535
  BaseParams base_params;              // the next six fields, where the kind is transform
  int max_error = 0;                   // the first of them where it is modular, for information
  int sample_format = kIntegers;       // the third of them where it is modular
  uint8_t base[kBaseParamsSize] = {};  // the six fields as the bytes they are
  int model_count = 0;                 // 0..kMaxModels
  ModelSlot models[kMaxModels];        // the table, model_count of them
  Span<const ModelSlot> model_table() const { return {models, static_cast<size_t>(model_count)}; }
};

// The enhancement of a tile.
struct EnhancementChunk {
  int tile = 0, slot = 0, flags = 0;
  int strength = 0;  // 0..128, in 1/64
  Extent data;
};

// The payload of HEAD. Throws Failure of kChunkSize, kFieldValue, kVersion or kFeature. Whether its values go together
// is another question.
Head read_head_fields(Bytes file, const Extent& payload);

// The payload of a chunk eNHA. Throws Failure of kChunkSize, kFieldValue or kFeature. Whether its tile and
// its model exist is not checked here.
EnhancementChunk read_enhancement_fields(Bytes file, const Extent& payload);

}  // namespace veneer
