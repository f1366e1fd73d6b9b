// A model as an object of Python: veneer._native.Model.
#pragma once
#include <memory>

#include "network/model.h"

namespace veneer {

struct BoundModel {
  std::shared_ptr<const Model> model;
};

}  // namespace veneer
