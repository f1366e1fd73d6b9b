// Decodes a file: its bytes to the pixels of the picture, of a region of it, or of its preview.
//
// container -> base layer -> base picture -> enhancement, where the file has it and its model is known -> picture;
// or container -> preview
// Source: docs/format.md, "Overview".
#pragma once
#include <memory>
#include <optional>

#include "common/image.h"
#include "common/limits.h"
#include "common/runner.h"
#include "container/contents.h"
#include "network/model.h"

namespace veneer {

enum class Layers { kFull, kBase, kPreview };

constexpr int kRealismOfFile = -1;

struct DecodeSettings {
  Layers layers = Layers::kFull;
  int realism = kRealismOfFile;  // or 0..64
  std::optional<Rect> region;    // in pixels of the picture; nothing for all of it
  bool strict = false;           // damage of any sort, and a model that is not there, are thrown
  int64_t max_pixels = kDefaultMaxPixels;
};

// Realism, 0..64, of the settings or of the file.
int realism_of(const DecodeSettings& settings, const Head& head);

// Where models come from.
class ModelSource {
 public:
  virtual ~ModelSource() = default;
  // The model that a file names. Throws Failure, kModelUnknown or one of those of model files.
  virtual std::shared_ptr<const ModelFile> find(const ModelSlot& slot) = 0;
  // A network of such a model, asked for where it is needed. Throws Failure, one of those of weight files.
  virtual std::shared_ptr<const ModelNetwork> network(const NetworkEntry& entry) = 0;
  // The network that fills in lost parts of pictures whose files name no model for texture; nullptr for none.
  virtual std::shared_ptr<const ModelNetwork> filling() = 0;
};

struct DecodedPicture {
  Image<uint8_t> pixels;     // rows of bytes: a pixel is `channels()` of them, all its samples
  int bytes_per_sample = 1;  // 2: uint16_t, of more than 8 bits
  bool is_half = false;      // the uint16_t are bits of half floats
};

// Decodes a whole file.
//
// problems: receives tolerated problems.
// Gives Channels of HEAD, samples of Bit_Depth bits; of a preview, which always has 8 bits, the pixels that stand for
// some of the region, an eighth of its sides. Without preview, or with a damaged one, the base picture is reduced.
// Throws Failure: what is no Veneer file, invalid, of a newer version or over a limit; kBadRegion; kNoTile; with
// `strict` every problem.
DecodedPicture decode(Bytes file, const DecodeSettings& settings, ModelSource& models, Runner& runner,
                      ProblemLog* problems);

}  // namespace veneer
