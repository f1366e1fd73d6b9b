// Reads weight files: the network of each.
// Source: docs/format.md, "Layout of weight files and model files".
#include "common/limits.h"
#include "network/description.h"
#include "network/weight_arrays.h"
#include "network/weight_frame.h"

namespace veneer {
namespace {

using network::OpKind;
using network::OpSpec;

// Bytes of the fields after the name of an input, of an operation but its operands, and of an output.
constexpr size_t kInputSize = 9, kOperationSize = 2, kOutputSize = 3;

// Bytes of the parameters of each kind of operation.
constexpr size_t kParameterSizes[] = {7, 4, 4, 9, 5, 4, 6, 1, 1, 0, 4};

TensorInfo read_input(WeightReader* reader) {
  TensorInfo input{};
  reader->name(input.name);
  reader->need(kInputSize);
  input.shape.channels = reader->u16();
  input.shape.reduction = reader->u16();
  input.low = reader->i16();
  input.high = reader->i16();
  input.fraction_bits = reader->i8();
  return input;
}

void read_limits(WeightReader* reader, OpSpec* spec) {
  spec->low = reader->i16();
  spec->high = reader->i16();
}

// The parameters of an operation's kind.
void read_parameters(WeightReader* reader, OperationDescription* operation) {
  OpSpec& spec = operation->spec;
  reader->need(kParameterSizes[static_cast<int>(spec.kind)]);
  switch (spec.kind) {
    case OpKind::kConvolution:
      spec.channels = reader->u16();
      spec.kernel = reader->u8();
      return read_limits(reader, &spec);
    case OpKind::kDepthwise:
    case OpKind::kScale:
    case OpKind::kClip:
      return read_limits(reader, &spec);
    case OpKind::kAdd:
      spec.mix.multiplier_a = reader->i16();
      spec.mix.multiplier_b = reader->i16();
      spec.mix.shift = reader->u8();
      return read_limits(reader, &spec);
    case OpKind::kMultiply:
      spec.shift = reader->u8();
      return read_limits(reader, &spec);
    case OpKind::kTable:
      spec.first = reader->i16();
      operation->entries = reader->u32();
      return;
    case OpKind::kPixelUnshuffle:
    case OpKind::kPixelShuffle:
      spec.factor = reader->u8();
      return;
    case OpKind::kConcat:
      return;
    case OpKind::kSlice:
      spec.first = reader->i16();
      spec.channels = reader->u16();
      return;
  }
}

// An operation on some of the first `tensors` tensors.
OperationDescription read_operation(WeightReader* reader, size_t tensors) {
  OperationDescription operation{};
  reader->name(operation.name);
  reader->need(kOperationSize);
  const int kind = reader->u8(), count = reader->u8();
  reader->require(kind <= static_cast<int>(OpKind::kSlice), "%s: kind %d of operation is unknown", operation.name,
                  kind);
  operation.spec.kind = static_cast<OpKind>(kind);
  reader->need(2 * static_cast<size_t>(count));
  for (int i = 0; i < count; ++i) operation.spec.inputs.push_back(reader->u16());
  for (const int tensor : operation.spec.inputs) {
    reader->require(static_cast<size_t>(tensor) < tensors, "%s: an operand is not made before", operation.name);
  }
  read_parameters(reader, &operation);
  return operation;
}

NetworkDescription read_network(WeightReader* reader) {
  const int64_t start = reader->position();
  NetworkDescription network{};
  reader->name(network.name);
  const int inputs = reader->u8();
  for (int i = 0; i < inputs; ++i) network.inputs.push_back(read_input(reader));
  const int operations = reader->u16();
  reader->require(operations <= kMaxOperations, "%d operations are too many", operations);
  for (int i = 0; i < operations; ++i) network.operations.push_back(read_operation(reader, network.tensor_count()));
  const int outputs = reader->u8();
  for (int i = 0; i < outputs; ++i) {
    reader->need(kOutputSize);
    const int tensor = reader->u16(), fraction_bits = reader->i8();
    reader->require(static_cast<size_t>(tensor) < network.tensor_count(), "%s: output %d is no tensor", network.name,
                    tensor);
    network.outputs.push_back({tensor, fraction_bits});
  }
  check_structure(&network, start);
  return network;
}

}  // namespace

Owned<ModelNetwork> read_weight_file(Bytes data) {
  WeightReader reader = checked_body(data, FrameKind::kWeights);
  NetworkDescription network = read_network(&reader);
  read_arrays(&reader, &network);
  return make_owned<ModelNetwork>(std::move(network));
}

}  // namespace veneer
