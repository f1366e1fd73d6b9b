// What a model must have to enhance pictures: networks with the inputs and outputs of the specification.
//
// Source: docs/format.md, "Models and networks", "Inputs of networks" and "Texture".
#pragma once
#include <optional>

#include "base/unit.h"
#include "network/model.h"

namespace veneer {

constexpr int kMapChannels = 8;
constexpr int kJpegMapChannels = 10;
constexpr int kSettingChannels = 4;
constexpr int kNoiseChannels = 8;

// The networks of a model for one Base_Scale. They belong to the model.
struct Networks {
  int scale = 1;
  const ModelNetwork* restore = nullptr;       // the generator
  const ModelNetwork* latent_prior = nullptr;  // the entropy model; nullptr where `restore` takes no latents
  const ModelNetwork* texture = nullptr;       // the same for both scales; nullptr where the model has none
  Shape latents{0, 1};                         // channels and reduction of y; no channels where `restore` takes none
  int alignment = 1;  // parts of the picture that `restore` runs on begin at multiples of this, in full size

  bool has_latents() const { return latents.channels != 0; }
};

// Nothing where the model does not restore with this scale (1 or 2). Throws Failure kModelUnknown, without an offset,
// if its networks have wrong inputs or outputs.
std::optional<Networks> networks_of(const Model& model, int scale);

// The network `texture` of a model. Throws Failure kModelUnknown if there is none or its inputs or outputs are wrong.
const ModelNetwork& texture_network_of(const Model& model);

// The networks of a model that restore JPEGs. They belong to the model.
struct JpegNetworks {
  const ModelNetwork* restore = nullptr;  // `jpeg_restore`
  const ModelNetwork* texture = nullptr;  // nullptr where the model has none
};

// Nothing where the model restores no JPEGs. Throws Failure kModelUnknown, without an offset, if its networks have wrong
// inputs or outputs.
std::optional<JpegNetworks> jpeg_networks_of(const Model& model);

// The network `texture` of a model that restores JPEGs. Throws as texture_network_of().
const ModelNetwork& jpeg_texture_network_of(const Model& model);

}  // namespace veneer
