// Models as objects of Python: veneer._native.Model and Networks.
#pragma once
#include <memory>

#include "network/networks.h"

namespace veneer {

struct BoundModel {
  std::shared_ptr<const Model> model;
};

// The networks of a model for a Base_Scale.
struct BoundNetworks {
  std::shared_ptr<const Model> model;
  Networks networks;
};

}  // namespace veneer
