// Shapes, parameters, names and outputs of a network.
#include <algorithm>
#include <cstdarg>
#include <cstdio>
#include <cstdlib>
#include <cstring>

#include "network/alignment.h"
#include "network/description.h"
#include "network/message.h"

namespace veneer {
namespace {

using network::OpKind;

constexpr size_t kMaxOperands = 64;     // of a concatenation
constexpr size_t kMaxConnections = 64;  // inputs, and outputs
constexpr int kMaxMixWeight = 32767;
constexpr int kMaxMixShift = 15, kMaxProductShift = 30;
constexpr int kMaxFactor = 16;
constexpr uint32_t kMaxEntries = 1 << 16;

// What is checked: a network, or a tensor of it.
struct Subject {
  const char* network;
  const char* tensor;  // nullptr for the network itself
  int64_t offset;

  // Throws Failure kWeightsInvalid unless `condition`; the rest is as of printf.
  void require(bool condition, const char* format, ...) const VENEER_FORMAT(3, 4);
};

void Subject::require(bool condition, const char* format, ...) const {
  if (condition) return;
  va_list values;
  va_start(values, format);
  const Problem what = make_problem_of(ErrorCode::kWeightsInvalid, offset, format, values);
  va_end(values);
  if (tensor == nullptr) fail(ErrorCode::kWeightsInvalid, offset, "%s: %s", network, what.message);
  fail(ErrorCode::kWeightsInvalid, offset, "%s/%s: %s", network, tensor, what.message);
}

void check_range(int low, int high, const Subject& subject) {
  subject.require(low <= high, "limits %d..%d", low, high);
}

void check_operands(const network::OpSpec& spec, const Vector<Shape>& shapes, const Subject& subject) {
  const size_t count = spec.inputs.size();
  const bool pair = spec.kind == OpKind::kAdd || spec.kind == OpKind::kMultiply, many = spec.kind == OpKind::kConcat;
  subject.require(count >= (pair || many ? 2 : 1) && count <= (many   ? kMaxOperands
                                                               : pair ? 2
                                                                      : 1),
                  "%zu operands", count);
  const int reduction = shapes[spec.inputs[0]].reduction;
  const bool alike = std::all_of(spec.inputs.begin(), spec.inputs.end(),
                                 [&](int tensor) { return shapes[tensor].reduction == reduction; });
  subject.require(alike, "operands differ in size");
}

// Shape of the result of pixels that are moved between the plane and channels.
Shape shuffled(const network::OpSpec& spec, const Shape& operand, const Subject& subject) {
  const int factor = spec.factor, area = factor * factor;
  subject.require(factor >= 2 && factor <= kMaxFactor, "factor %d", factor);
  if (spec.kind == OpKind::kPixelUnshuffle) return {operand.channels * area, operand.reduction * factor};
  subject.require(operand.channels % area == 0 && operand.reduction % factor == 0,
                  "factor %d does not divide channels and reduction", factor);
  return {operand.channels / area, operand.reduction / factor};
}

// Checks what an operation of some kind needs, and gives the shape of its result.
Shape shape_by_kind(const OperationDescription& operation, const Vector<Shape>& shapes, const Subject& subject) {
  const network::OpSpec& spec = operation.spec;
  const Shape operand = shapes[spec.inputs[0]];
  switch (spec.kind) {
    case OpKind::kConvolution:
      subject.require(spec.kernel == 1 || spec.kernel == 3, "kernel %d", spec.kernel);
      return {spec.channels, operand.reduction};
    case OpKind::kAdd:
      subject.require(std::abs(spec.mix.multiplier_a) + std::abs(spec.mix.multiplier_b) <= kMaxMixWeight,
                      "multipliers are too large");
      subject.require(spec.mix.shift <= kMaxMixShift, "shift %d", spec.mix.shift);
      return operand;
    case OpKind::kMultiply:
      subject.require(spec.shift <= kMaxProductShift, "shift %d", spec.shift);
      return operand;
    case OpKind::kTable:
      subject.require(operation.entries >= 1 && operation.entries <= kMaxEntries, "%u entries", operation.entries);
      return operand;
    case OpKind::kPixelUnshuffle:
    case OpKind::kPixelShuffle:
      return shuffled(spec, operand, subject);
    case OpKind::kConcat: {
      int channels = 0;
      for (const int tensor : spec.inputs) channels += shapes[tensor].channels;
      return {channels, operand.reduction};
    }
    case OpKind::kSlice:
      subject.require(spec.first >= 0 && spec.channels >= 1 && spec.channels <= operand.channels - spec.first,
                      "no such channels");
      return {spec.channels, operand.reduction};
    default:
      return operand;
  }
}

Shape shape_of_result(const OperationDescription& operation, const Vector<Shape>& shapes, const Subject& subject) {
  const network::OpSpec& spec = operation.spec;
  check_operands(spec, shapes, subject);
  check_range(spec.low, spec.high, subject);
  const Shape result = shape_by_kind(operation, shapes, subject);
  if (spec.kind == OpKind::kAdd || spec.kind == OpKind::kMultiply) {
    subject.require(shapes[spec.inputs[0]] == shapes[spec.inputs[1]], "operands differ in channels");
  }
  subject.require(result.channels >= 1 && result.channels <= kMaxChannels, "%d channels", result.channels);
  subject.require(result.reduction <= kMaxReduction, "reduction %d", result.reduction);
  return result;
}

Vector<Shape> shapes_of(const NetworkDescription& network, int64_t offset) {
  Vector<Shape> shapes;
  shapes.reserve(network.tensor_count());
  for (const TensorInfo& input : network.inputs) {
    const Subject subject = {network.name, input.name, offset};
    const auto [channels, reduction] = input.shape;
    subject.require(channels >= 1 && channels <= kMaxChannels, "%d channels", channels);
    subject.require(reduction >= 1 && reduction <= kMaxReduction, "reduction %d", reduction);
    check_range(input.low, input.high, subject);
    shapes.push_back(input.shape);
  }
  for (const OperationDescription& operation : network.operations) {
    shapes.push_back(shape_of_result(operation, shapes, {network.name, operation.name, offset}));
  }
  return shapes;
}

// Names of tensors, in the order of their characters.
using Names = Vector<const char*>;

void sort_names(Names* names) {
  std::sort(names->begin(), names->end(), [](const char* a, const char* b) { return std::strcmp(a, b) < 0; });
}

void check_names(const NetworkDescription& network, const Subject& subject) {
  Names names;
  for (size_t i = 0; i < network.tensor_count(); ++i) names.push_back(network.tensor_name(i));
  sort_names(&names);
  const auto same = [](const char* a, const char* b) { return std::strcmp(a, b) == 0; };
  subject.require(std::adjacent_find(names.begin(), names.end(), same) == names.end(),
                  "two tensors have the same name");
}

void check_outputs(const NetworkDescription& network, const Subject& subject) {
  Vector<uint8_t> used(network.tensor_count(), 0);
  for (const OutputDescription& output : network.outputs) {
    subject.require(!used[output.tensor], "an output occurs twice");
    used[output.tensor] = 1;
  }
  for (size_t i = 0; i < network.inputs.size(); ++i) {
    subject.require(!used[i], "an output is not the result of an operation");
  }
  for (const OperationDescription& operation : network.operations) {
    for (const int tensor : operation.spec.inputs) used[tensor] = 1;
  }
  Names unused;
  for (size_t i = 0; i < used.size(); ++i) {
    if (!used[i]) unused.push_back(network.tensor_name(i));
  }
  if (unused.empty()) return;
  sort_names(&unused);
  MessageText text;
  for (const char* name : unused) text.add("%s%s", name == unused[0] ? "" : ", ", name);
  subject.require(false, "nothing uses %s", text.text());
}

}  // namespace

void check_structure(NetworkDescription* network, int64_t offset) {
  const Subject subject = {network->name, nullptr, offset};
  const size_t inputs = network->inputs.size(), outputs = network->outputs.size();
  subject.require(inputs >= 1 && inputs <= kMaxConnections && outputs >= 1 && outputs <= kMaxConnections,
                  "1..64 inputs and outputs");
  check_names(*network, subject);
  network->shapes = shapes_of(*network, offset);
  if (alignment_of(network->shapes) > kMaxReduction) {
    subject.require(false, "alignment %s is too large", AlignmentDigits(network->shapes).text());
  }
  check_outputs(*network, subject);
}

int halo_of(const NetworkDescription& network, int alignment) {
  Vector<int> reach(network.tensor_count(), 0);
  // The place of a pixel in its square.
  for (const OutputDescription& output : network.outputs) reach[output.tensor] = alignment - 1;
  for (size_t i = network.operations.size(); i-- > 0;) {
    const network::OpSpec& spec = network.operations[i].spec;
    const size_t result = network.inputs.size() + i;
    const bool sees_neighbours = spec.kind == OpKind::kDepthwise || spec.kernel == 3;
    const int seen = reach[result] + (sees_neighbours ? network.shapes[result].reduction : 0);
    for (const int tensor : spec.inputs) reach[tensor] = std::max(reach[tensor], seen);
  }
  return *std::max_element(reach.begin(), reach.begin() + static_cast<ptrdiff_t>(network.inputs.size()));
}

}  // namespace veneer
