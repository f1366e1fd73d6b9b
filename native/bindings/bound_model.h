// Models as objects of Python: veneer._native.ModelFile, Network, Model and Networks.
#pragma once
#include <memory>

#include "network/networks.h"

namespace veneer {

struct BoundModelFile {
  std::shared_ptr<const ModelFile> file;
};

struct BoundNetwork {
  std::shared_ptr<const ModelNetwork> network;
};

struct BoundModel {
  std::shared_ptr<const Model> model;
};

// The networks of a model for a Base_Scale.
struct BoundNetworks {
  std::shared_ptr<const Model> model;
  Networks networks;
};

}  // namespace veneer
