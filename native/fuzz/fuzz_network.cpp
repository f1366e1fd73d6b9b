// Fuzz target: the engine of integer networks.
//
// Input: inputs, operations with their arrays, outputs, the size of a picture, a strip. Whatever the description, the
// graph is refused or runs; scalar kernels, the best ones, strips and threads have to give the same values. Python
// proves that no sum of a network overflows before the engine sees it; the same proof stands here.
#include <algorithm>
#include <cstdlib>
#include <vector>

#include "common/failure.h"
#include "common/team.h"
#include "fuzz/fuzz_input.h"
#include "network/engine.h"

namespace {

using namespace veneer::network;
using veneer::Team;
using veneer::fuzz::Input;
using veneer::fuzz::promise;

constexpr size_t kMostMemory = size_t{1} << 24;
constexpr size_t kMostWeights = 1 << 16;

// A value of any size up to the whole range: small ones are what most networks have.
int any_int16(Input& input) {
  const int value = static_cast<int16_t>(input.two_bytes());
  return value >> (input.byte() % 16);
}

void fill_linear(Input& input, OpSpec& op, int in_channels) {
  const bool full = op.kind == OpKind::kConvolution;
  const size_t channels = static_cast<size_t>(std::max(full ? op.channels : in_channels, 0));
  const size_t kernel = op.kind == OpKind::kScale ? 1 : op.kind == OpKind::kDepthwise ? 3 : op.kernel;
  const size_t taps = kernel * kernel * (full ? in_channels : 1);
  if (channels * taps > kMostWeights) return;  // the sizes are then wrong, which the graph has to see
  LinearWeights& layer = op.weights;
  layer.weights.resize(channels * taps);
  for (size_t c = 0; c < channels; ++c) {
    int64_t sum = 0;
    for (size_t i = 0; i < taps; ++i) {
      const int weight = any_int16(input);
      layer.weights[c * taps + i] = static_cast<int16_t>(weight);
      sum += std::abs(weight);
    }
    const int64_t room = (int64_t{1} << 31) - 1 - 32768 * sum;
    if (room < 0) std::fill_n(layer.weights.begin() + static_cast<ptrdiff_t>(c * taps), taps, int16_t{0});
    const int bias = any_int16(input) * 65536;
    layer.bias.push_back(std::abs(int64_t{bias}) <= room ? bias : 0);
    layer.shift.push_back(static_cast<uint8_t>(input.number(0, 31)));
    layer.multiplier.push_back(static_cast<int32_t>(input.two_bytes()) << std::max(layer.shift.back() - 16, 0));
  }
}

OpSpec read_op(Input& input, const std::vector<int>& channels) {
  OpSpec op{};
  op.kind = static_cast<OpKind>(input.number(0, static_cast<int>(OpKind::kSlice)));
  const bool pair = op.kind == OpKind::kAdd || op.kind == OpKind::kMultiply;
  const int operands = op.kind == OpKind::kConcat ? input.number(1, 3) : pair ? 2 : 1;
  const int tensors = static_cast<int>(channels.size());
  for (int i = 0; i < operands; ++i) op.inputs.push_back(tensors - input.number(0, std::min(tensors, 8)));
  op.low = any_int16(input);
  op.high = any_int16(input);
  op.kernel = input.number(0, 3);
  op.channels = input.number(0, 70);
  op.factor = input.number(1, 5);
  op.first = any_int16(input);
  op.shift = op.mix.shift = input.number(0, 31);
  op.mix.multiplier_a = any_int16(input);
  op.mix.multiplier_b = any_int16(input);
  const int source = op.inputs[0];
  const int in_channels = source >= 0 && source < tensors ? channels[source] : 1;
  if (op.kind == OpKind::kConvolution || op.kind == OpKind::kDepthwise || op.kind == OpKind::kScale) {
    fill_linear(input, op, in_channels);
  }
  if (op.kind == OpKind::kTable) {
    op.table.resize(input.number(0, 300));
    for (int16_t& entry : op.table) entry = static_cast<int16_t>(any_int16(input));
  }
  return op;
}

// Channels of the result as the engine will see them, or a guess where it will refuse the operation.
int result_channels(const OpSpec& op, const std::vector<int>& channels) {
  const int source = op.inputs[0];
  const int first = source >= 0 && source < static_cast<int>(channels.size()) ? channels[source] : 1;
  switch (op.kind) {
    case OpKind::kConvolution:
    case OpKind::kSlice:
      return op.channels;
    case OpKind::kPixelUnshuffle:
      return first * op.factor * op.factor;
    case OpKind::kPixelShuffle:
      return first / (op.factor * op.factor);
    case OpKind::kConcat: {
      int sum = 0;
      for (int input : op.inputs) sum += input >= 0 && input < static_cast<int>(channels.size()) ? channels[input] : 0;
      return sum;
    }
    default:
      return first;
  }
}

Graph read_graph(Input& input) {
  veneer::Vector<InputSpec> inputs(input.number(1, 3));
  std::vector<int> channels;
  for (InputSpec& spec : inputs) {
    spec = {input.number(1, 20), input.number(1, 4), any_int16(input), any_int16(input)};
    channels.push_back(spec.channels);
  }
  veneer::Vector<OpSpec> ops;
  for (int count = input.number(1, 12); count > 0; --count) {
    ops.push_back(read_op(input, channels));
    channels.push_back(result_channels(ops.back(), channels));
  }
  // Everything that nothing reads is an output, so that most graphs are complete; and one more, perhaps wrong.
  std::vector<char> read(channels.size(), 0);
  for (const OpSpec& op : ops) {
    for (int tensor : op.inputs) {
      if (tensor >= 0 && tensor < static_cast<int>(read.size())) read[tensor] = 1;
    }
  }
  veneer::Vector<int> outputs;
  for (size_t t = inputs.size(); t < read.size(); ++t) {
    if (!read[t]) outputs.push_back(static_cast<int>(t));
  }
  if (input.byte() % 4 == 0) outputs.push_back(input.number(0, static_cast<int>(channels.size())));
  return Graph(std::move(inputs), std::move(ops), std::move(outputs));
}

int ceil_div(int a, int b) { return (a + b - 1) / b; }

using Arrays = std::vector<std::vector<int16_t>>;

Arrays run(const Network& network, Arrays& sources, int width, int height, int strip, int threads,
           const Kernels& kernels) {
  const Graph& graph = network.graph();
  std::vector<Operand> inputs, outputs;
  for (size_t i = 0; i < sources.size(); ++i) {
    const int reduction = graph.inputs()[i].reduction;
    inputs.push_back(dense_operand(sources[i].data(), false, ceil_div(width, reduction), ceil_div(height, reduction),
                                   graph.inputs()[i].channels));
  }
  Arrays results(graph.outputs().size());
  for (size_t i = 0; i < results.size(); ++i) {
    const Tensor& tensor = graph.tensors()[graph.outputs()[i]];
    const int columns = ceil_div(width, tensor.reduction), rows = ceil_div(height, tensor.reduction);
    results[i].resize(static_cast<size_t>(columns) * rows * tensor.channels);
    outputs.push_back(dense_operand(results[i].data(), false, columns, rows, tensor.channels));
  }
  Team team(threads);
  network.run({inputs.data(), inputs.size()}, {outputs.data(), outputs.size()}, width, height, strip, team, kernels);
  return results;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  Input input(data, size);
  const int width = input.number(1, 70), height = input.number(1, 50), strip = input.number(0, 60);
  const int threads = input.number(1, 8) == 8 ? 2 : 1;  // seldom: starting threads is slow
  try {
    const Network network(read_graph(input));
    const Graph& graph = network.graph();
    if (Schedule(graph, width, height, 0).memory_bytes() > kMostMemory) return 0;
    Arrays sources;
    for (const InputSpec& spec : graph.inputs()) {
      sources.emplace_back(static_cast<size_t>(ceil_div(width, spec.reduction)) * ceil_div(height, spec.reduction) *
                           spec.channels);
      const int start = any_int16(input), slope = any_int16(input);
      int value = start;
      for (int16_t& sample : sources.back()) {
        sample = static_cast<int16_t>(value);
        value = static_cast<int16_t>(value + slope);
      }
    }
    const Arrays expected = run(network, sources, width, height, 0, 1, *find_kernels("scalar"));
    promise(expected == run(network, sources, width, height, strip, threads, *find_kernels("auto")),
            "targets, strips and threads do not change values");
  } catch (const veneer::Failure&) {
    return 0;  // how a graph is refused
  }
  return 0;
}
