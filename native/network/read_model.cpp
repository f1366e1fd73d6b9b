// Reads weight files.
// Source: docs/format.md, "Layout of a weight file".
#include <algorithm>
#include <cstring>

#include "common/crc32c.h"
#include "common/limits.h"
#include "common/sha256.h"
#include "network/description.h"
#include "network/weight_arrays.h"
#include "network/weight_reader.h"

namespace veneer {
namespace {

using network::OpKind;
using network::OpSpec;

constexpr uint8_t kSignature[8] = {0x8b, 'V', 'N', 'W', '\r', '\n', 0x1a, '\n'};
constexpr int kWeightsVersion = 1;
constexpr size_t kVersionAt = sizeof kSignature, kReservedAt = kVersionAt + 1, kModelIdAt = kReservedAt + 3;
constexpr size_t kBodySizeAt = kModelIdAt + 4, kHeaderSize = kBodySizeAt + 4, kChecksumSize = 4;

// Bytes of the fields after the name of an input, of an operation but its operands, and of an output.
constexpr size_t kInputSize = 9, kOperationSize = 2, kOutputSize = 3;

// Bytes of the parameters of each kind of operation.
constexpr size_t kParameterSizes[] = {7, 4, 4, 9, 5, 4, 6, 1, 1, 0, 4};

uint32_t u32_at(Bytes data, size_t place) { return WeightReader(data, place, place + 4).u32(); }

void check_signature(Bytes data) {
  const size_t size = std::min(data.size, sizeof kSignature);
  const bool begins = size == 0 || std::memcmp(data.data, kSignature, size) == 0;
  if (begins && data.size >= sizeof kSignature) return;
  if (begins && data.size > 0) {
    fail(ErrorCode::kWeightsCut, static_cast<int64_t>(data.size), "the weight file ends within its signature");
  }
  fail(ErrorCode::kNoWeights, 0, "no weight file of Veneer");
}

// Signature, version, size and checksum; returns the model's number.
uint32_t check_frame(Bytes data) {
  check_signature(data);
  const auto bytes = static_cast<int64_t>(data.size);
  if (data.size < kHeaderSize) fail(ErrorCode::kWeightsCut, bytes, "the weight file ends within its header");
  const int version = data[kVersionAt];
  if (version > kWeightsVersion) {
    fail(ErrorCode::kWeightsVersion, kVersionAt, "version %d of weight files; this decoder reads up to %d", version,
         kWeightsVersion);
  }
  const int64_t size = int64_t{kHeaderSize} + u32_at(data, kBodySizeAt) + int64_t{kChecksumSize};
  const auto length = static_cast<long long>(size);
  if (size > kMaxWeightFile) fail(ErrorCode::kWeightsTooLarge, kVersionAt, "a weight file of %lld bytes", length);
  if (bytes < size) {
    fail(ErrorCode::kWeightsCut, bytes, "the weight file has %zu of %lld bytes", data.size, length);
  }
  if (bytes > size) fail(ErrorCode::kWeightsInvalid, size, "bytes follow the weight file");
  const size_t end = data.size - kChecksumSize;
  if (crc32c(data.data, end) != u32_at(data, end)) {
    fail(ErrorCode::kWeightsChecksum, static_cast<int64_t>(end), "the checksum of the weight file is wrong");
  }
  const bool reserved_is_zero = std::all_of(data.data + kReservedAt, data.data + kModelIdAt, [](int b) { return !b; });
  if (version == 0 || !reserved_is_zero) {
    fail(ErrorCode::kWeightsInvalid, kVersionAt, "the header of the weight file is not allowed");
  }
  return u32_at(data, kModelIdAt);
}

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

Vector<NetworkDescription> read_networks(WeightReader* reader) {
  Vector<NetworkDescription> networks;
  const int count = reader->u8();
  reader->require(count >= 1 && count <= kMaxNetworks, "%d networks", count);
  for (int i = 0; i < count; ++i) {
    NetworkDescription network = read_network(reader);
    for (const NetworkDescription& other : networks) {
      reader->require(std::strcmp(other.name, network.name) != 0, "network %s occurs twice", network.name);
    }
    networks.push_back(std::move(network));
  }
  return networks;
}

void read_all_arrays(WeightReader* reader, Vector<NetworkDescription>* networks) {
  int expected = 0;
  for (const NetworkDescription& network : *networks) expected += array_count(network);
  const int count = reader->u16();
  reader->require(count == expected, "%d arrays where the networks need %d", count, expected);
  for (NetworkDescription& network : *networks) read_arrays(reader, &network);
  reader->require(reader->left() == 0, "bytes are left over");
}

}  // namespace

Owned<Model> read_model(Bytes data, bool with_hash) {
  Owned<Model> model = make_owned<Model>();
  model->id = check_frame(data);
  WeightReader reader(data, kHeaderSize, data.size - kChecksumSize);
  reader.name(model->name);
  Vector<NetworkDescription> networks = read_networks(&reader);
  read_all_arrays(&reader, &networks);
  for (NetworkDescription& network : networks) {
    model->networks.push_back(make_owned<ModelNetwork>(std::move(network)));
  }
  if (with_hash) sha256(data, model->sha256);
  return model;
}

}  // namespace veneer
