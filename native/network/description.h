// A network as its weight file describes it, and the checks of its structure.
//
// Place: read_weight_file.cpp reads it, proof.h proves it, and a ModelNetwork is made of it.
// Source: docs/format.md, "Integer networks" and "Layout of weight files and model files".
#pragma once
#include "network/graph.h"
#include "network/model.h"

namespace veneer {

struct OperationDescription {
  char name[64];
  network::OpSpec spec;  // arrays come later, and stand in it as in the file
  uint32_t entries = 0;  // of the table
};

struct OutputDescription {
  int tensor;
  int fraction_bits;
};

// Tensors are numbered: inputs first, then the result of each operation.
struct NetworkDescription {
  char name[64];
  Vector<TensorInfo> inputs;
  Vector<OperationDescription> operations;  // operands are tensors made before
  Vector<OutputDescription> outputs;        // existing tensors
  Vector<Shape> shapes;                     // of all tensors: from check_structure()

  size_t tensor_count() const { return inputs.size() + operations.size(); }
  const char* tensor_name(size_t tensor) const {
    return tensor < inputs.size() ? inputs[tensor].name : operations[tensor - inputs.size()].name;
  }
};

// Whether an operation has weights, a bias, and multipliers with shifts.
inline bool is_linear(network::OpKind kind) {
  using network::OpKind;
  return kind == OpKind::kConvolution || kind == OpKind::kDepthwise || kind == OpKind::kScale;
}

// Checks shapes, parameters, names and outputs, and sets `shapes`. Names are proper ones, there are at most
// kMaxOperations. Throws Failure kWeightsInvalid at `offset`.
void check_structure(NetworkDescription* network, int64_t offset);

// Picture pixels on each side of a pixel beyond which nothing has an influence on it: an upper bound. The structure has
// been checked.
int halo_of(const NetworkDescription& network, int alignment);

}  // namespace veneer
