// Which networks a file needs, and where the decoder has them from.
//
// Place: between the models of a caller (ModelSource) and what is run on pictures (enhance/).
// Source: docs/format.md, "Models and networks" and "Damaged and cut files".
#pragma once
#include <memory>
#include <optional>

#include "common/runner.h"
#include "container/contents.h"
#include "network/networks.h"
#include "picture/decoder.h"

namespace veneer {

// The networks of the models that a file names, looked up once.
class NetworkFinder {
 public:
  NetworkFinder(ModelSource& models, const DecodeSettings& settings) : models_(models), settings_(settings) {}

  // Those of a model that restores, with the texture of the model that the table names for that where realism asks for
  // some; nullptr where the picture is not enhanced, or those that restore are not available.
  const Networks* find(const Head& head, const ModelSlot* slot);

  // The texture of the model that the table names for it; nullptr where there is none, which is no problem. It is asked for
  // where something was lost and find() did not look for it, since the realism is 0.
  const ModelNetwork* find_texture_where_lost(const Head& head);

  // Those that restore the JPEG that a file keeps; nullptr where the file names none, or they are not available.
  const JpegNetworks* find_for_jpeg(const Head& head);

  // Why there are none.
  Span<const Problem> problems() const { return {problems_.data(), problems_.size()}; }

 private:
  void load(const Head& head, const ModelSlot& slot);
  void load_for_jpeg(const Head& head, const ModelSlot& slot);

  ModelSource& models_;
  const DecodeSettings& settings_;
  ptrdiff_t slot_ = -1;
  Model restoring_{}, texturing_{};
  std::optional<Networks> networks_;
  std::optional<JpegNetworks> jpeg_networks_;
  Vector<Problem> problems_;
};

// The network that fills in lost tiles: that of the model which the file names for texture, else that of the source.
// The model has it alone, and no network where there is neither.
Model filling_model(const Head& head, ModelSource& models);

// A weight file that the picture needs.
struct NeededNetwork {
  const ModelFile* model;
  const NetworkEntry* entry;
};

// Those of the models that a file names, as far as `known` gives their model files, or nullptr. Before the first chunk
// with enhancement has come these are the networks of every model that may restore.
Vector<NeededNetwork> needed_networks(const Contents& contents, const DecodeSettings& settings,
                                      FunctionRef<const ModelFile*(const ModelSlot&)> known);

}  // namespace veneer
