// Networks that are ready to be run.
#include "network/model.h"

#include <algorithm>
#include <cstring>

#include "common/failure.h"
#include "network/alignment.h"
#include "network/description.h"
#include "network/proof.h"

namespace veneer {
namespace {

// The outputs with the values that they can have. Throws where the network cannot be proved.
Vector<TensorInfo> proved_outputs(const NetworkDescription& network) {
  const Vector<ValueRange> ranges = ranges_of(network);
  prove(network, ranges);
  Vector<TensorInfo> outputs;
  for (const OutputDescription& output : network.outputs) {
    const ValueRange& range = ranges[output.tensor];
    TensorInfo tensor{"", network.shapes[output.tensor], range.low, range.high, output.fraction_bits};
    std::memcpy(tensor.name, network.tensor_name(output.tensor), sizeof tensor.name);
    outputs.push_back(tensor);
  }
  return outputs;
}

network::Graph graph_of(NetworkDescription* network) {
  Vector<network::InputSpec> inputs;
  for (const TensorInfo& input : network->inputs) {
    inputs.push_back({input.shape.channels, input.shape.reduction, input.low, input.high});
  }
  Vector<network::OpSpec> operations;
  operations.reserve(network->operations.size());
  for (OperationDescription& operation : network->operations) operations.push_back(std::move(operation.spec));
  Vector<int> outputs;
  for (const OutputDescription& output : network->outputs) outputs.push_back(output.tensor);
  return network::Graph(std::move(inputs), std::move(operations), std::move(outputs));
}

}  // namespace

ModelNetwork::ModelNetwork(NetworkDescription&& description)
    : inputs_(description.inputs),
      outputs_(proved_outputs(description)),
      halo_(halo_of(description, alignment_of(description.shapes))),
      network_(graph_of(&description)) {
  std::memcpy(name_, description.name, sizeof name_);
}

const TensorInfo* ModelNetwork::find_input(const char* name) const {
  for (const TensorInfo& input : inputs_) {
    if (std::strcmp(input.name, name) == 0) return &input;
  }
  return nullptr;
}

size_t ModelNetwork::memory_bytes(int width, int height, int strip) const {
  return network::Schedule(network_.graph(), width, height, strip).memory_bytes();
}

void ModelNetwork::check_memory(int width, int height) const { checked_schedule(width, height, default_strip(width)); }

network::Schedule ModelNetwork::checked_schedule(int width, int height, int strip) const {
  network::Schedule schedule(network_.graph(), width, height, strip);
  const size_t bytes = schedule.memory_bytes();
  if (bytes > static_cast<size_t>(kMaxNetworkMemory)) {
    fail(ErrorCode::kNetworkTooLarge, Problem::kNowhere, "%s needs %zu bytes for a picture of %d x %d", name_, bytes,
         width, height);
  }
  return schedule;
}

void ModelNetwork::run(Span<const network::Operand> inputs, Span<const network::Operand> outputs, int width, int height,
                       Runner& runner, int strip) const {
  const network::Schedule schedule = checked_schedule(width, height, strip);
  network_.run(inputs, outputs, schedule, runner, network::chosen_kernels());
}

const ModelNetwork* Model::find(const char* network) const {
  for (const std::shared_ptr<const ModelNetwork>& each : networks) {
    if (std::strcmp(each->name(), network) == 0) return each.get();
  }
  return nullptr;
}

const NetworkEntry* ModelFile::find(const char* network) const {
  for (const NetworkEntry& each : networks) {
    if (std::strcmp(each.name, network) == 0) return &each;
  }
  return nullptr;
}

}  // namespace veneer
