// Checking and fusing of networks.
#include "network/graph.h"

#include <algorithm>
#include <cstdlib>
#include <numeric>

#include "common/failure.h"

namespace veneer::network {
namespace {

void require(bool condition, const char* what) {
  if (!condition) fail(ErrorCode::kWeightsInvalid, Problem::kNowhere, "%s", what);
}

bool is_int16(int value) { return value >= -32768 && value <= 32767; }

void check_weights(const LinearWeights& layer, size_t weights) {
  const size_t channels = layer.out_channels;
  require(layer.weights.size() == weights, "weights: wrong size");
  require(layer.bias.size() == channels && layer.multiplier.size() == channels && layer.shift.size() == channels,
          "bias, multiplier or shift: wrong size");
  for (size_t c = 0; c < channels; ++c) {
    require(layer.shift[c] >= 1 && layer.shift[c] <= 30, "shift: not 1..30");
    require(layer.multiplier[c] >= 0 && layer.multiplier[c] <= 1 << layer.shift[c], "multiplier: not 0..2^shift");
  }
}

// Shape of the result; fills in what follows from the inputs.
Tensor check_op(OpSpec& op, const Vector<Tensor>& tensors) {
  const auto operands = [&](size_t least, size_t most) {
    require(op.inputs.size() >= least && op.inputs.size() <= most, "operation: wrong number of inputs");
  };
  require(!op.inputs.empty() && op.inputs.size() <= 64, "operation: wrong number of inputs");
  for (int input : op.inputs) {
    require(input >= 0 && input < static_cast<int>(tensors.size()), "operation: unknown tensor");
    require(op.kind == OpKind::kConcat || tensors[input].channels == tensors[op.inputs[0]].channels,
            "operation: channels differ");
    require(tensors[input].reduction == tensors[op.inputs[0]].reduction, "operation: sizes differ");
  }
  require(is_int16(op.low) && is_int16(op.high) && op.low <= op.high, "operation: limits out of order");
  Tensor result = tensors[op.inputs[0]];
  const int area = op.factor * op.factor;
  switch (op.kind) {
    case OpKind::kConvolution:
      operands(1, 1);
      require(op.kernel == 1 || op.kernel == 3, "kernel: not 1 or 3");
      require(op.channels >= 1 && op.channels <= kMaxChannels, "channels: out of range");
      op.weights.in_channels = result.channels;
      result.channels = op.weights.out_channels = op.channels;
      op.weights.kernel = op.kernel;
      check_weights(op.weights, static_cast<size_t>(op.weights.in_channels) * op.channels * op.kernel * op.kernel);
      break;
    case OpKind::kDepthwise:
    case OpKind::kScale:
      operands(1, 1);
      op.kernel = op.kind == OpKind::kScale ? 1 : 3;
      op.weights.in_channels = op.weights.out_channels = result.channels;
      op.weights.kernel = op.kernel;
      check_weights(op.weights, static_cast<size_t>(result.channels) * op.kernel * op.kernel);
      break;
    case OpKind::kAdd:
      operands(2, 2);
      require(is_int16(op.mix.multiplier_a) && is_int16(op.mix.multiplier_b) &&
                  std::abs(op.mix.multiplier_a) + std::abs(op.mix.multiplier_b) <= 32767,
              "add: multipliers too large");
      require(op.mix.shift >= 0 && op.mix.shift <= 15, "add: shift not 0..15");
      op.mix.low = op.low;
      op.mix.high = op.high;
      break;
    case OpKind::kMultiply:
      operands(2, 2);
      require(op.shift >= 0 && op.shift <= 30, "multiply: shift not 0..30");
      break;
    case OpKind::kClip:
      operands(1, 1);
      break;
    case OpKind::kTable:
      operands(1, 1);
      require(!op.table.empty() && op.table.size() <= 65536, "table: wrong size");
      require(is_int16(op.first), "table: first value out of range");
      break;
    case OpKind::kPixelUnshuffle:
      operands(1, 1);
      require(op.factor >= 2 && op.factor <= 16 && result.reduction * op.factor <= kMaxReduction,
              "factor: out of range");
      result.channels *= area;
      result.reduction *= op.factor;
      break;
    case OpKind::kPixelShuffle:
      operands(1, 1);
      require(op.factor >= 2 && op.factor <= 16 && result.channels % area == 0 && result.reduction % op.factor == 0,
              "factor: does not divide");
      result.channels /= area;
      result.reduction /= op.factor;
      break;
    case OpKind::kConcat:
      operands(2, 64);
      result.channels = 0;
      for (int input : op.inputs) result.channels += tensors[input].channels;
      break;
    case OpKind::kSlice:
      operands(1, 1);
      require(op.first >= 0 && op.channels >= 1 && op.first <= result.channels - op.channels, "slice: out of range");
      result.channels = op.channels;
      break;
    default:
      require(false, "operation: unknown kind");
  }
  require(result.channels >= 1 && result.channels <= kMaxChannels, "channels: out of range");
  return result;
}

}  // namespace

Graph::Graph(Vector<InputSpec> inputs, Vector<OpSpec> ops, Vector<int> outputs)
    : inputs_(std::move(inputs)), outputs_(std::move(outputs)) {
  require(!inputs_.empty() && inputs_.size() <= 64 && !outputs_.empty() && outputs_.size() <= 64 &&
              ops.size() <= kMaxOperations,
          "network: wrong number of inputs, operations or outputs");
  for (const InputSpec& input : inputs_) {
    require(input.channels >= 1 && input.channels <= kMaxChannels, "input: channels out of range");
    require(input.reduction >= 1 && input.reduction <= kMaxReduction, "input: reduction out of range");
    require(is_int16(input.low) && is_int16(input.high) && input.low <= input.high, "input: limits out of order");
    tensors_.push_back({input.channels, input.reduction});
  }
  for (OpSpec& op : ops) {
    const Tensor result = check_op(op, tensors_);
    ops_.push_back({std::move(op), static_cast<int>(tensors_.size())});
    tensors_.push_back(result);
  }
  Vector<char> used(tensors_.size(), 0);
  for (int output : outputs_) {
    require(output >= static_cast<int>(inputs_.size()) && output < static_cast<int>(tensors_.size()),
            "output: not the result of an operation");
    used[output] = 1;
  }
  for (const Op& op : ops_) {
    for (int input : op.spec.inputs) used[input] = 1;
  }
  require(std::count(used.begin(), used.end(), 1) == static_cast<ptrdiff_t>(used.size()), "network: unused tensor");
  for (const Tensor& tensor : tensors_) {
    alignment_ = std::lcm(alignment_, tensor.reduction);
    require(alignment_ <= kMaxReduction, "network: alignment too large");
  }
  fuse_additions();
}

// Turns a convolution whose only reader is an addition, and that addition, into one operation.
void Graph::fuse_additions() {
  Vector<int> readers(tensors_.size(), 0);
  for (int output : outputs_) ++readers[output];
  for (const Op& op : ops_) {
    for (int input : op.spec.inputs) ++readers[input];
  }
  Vector<char> gone(ops_.size(), 0);
  const int first = static_cast<int>(inputs_.size());
  for (size_t i = 0; i < ops_.size(); ++i) {
    if (ops_[i].spec.kind != OpKind::kAdd) continue;
    for (int side = 0; side < 2; ++side) {
      const int source = ops_[i].spec.inputs[side], other = ops_[i].spec.inputs[1 - side];
      if (source < first || readers[source] != 1 || gone[source - first]) continue;
      if (ops_[source - first].spec.kind != OpKind::kConvolution || ops_[source - first].residual >= 0) continue;
      Op fused = std::move(ops_[source - first]);
      fused.output = ops_[i].output;
      fused.residual = other;
      fused.spec.mix = ops_[i].spec.mix;
      if (side == 1) std::swap(fused.spec.mix.multiplier_a, fused.spec.mix.multiplier_b);
      gone[source - first] = 1;
      ops_[i] = std::move(fused);
      break;
    }
  }
  Vector<Op> kept;
  for (size_t i = 0; i < ops_.size(); ++i) {
    if (!gone[i]) kept.push_back(std::move(ops_[i]));
  }
  ops_ = std::move(kept);
}

RowRange needed_rows(const Op& op, size_t operand, RowRange range) {
  const int factor = op.spec.factor;
  if (operand >= op.spec.inputs.size()) return range;  // the residual
  switch (op.spec.kind) {
    case OpKind::kConvolution:
    case OpKind::kDepthwise:
      return {range.first - op.spec.kernel / 2, range.last + op.spec.kernel / 2};
    case OpKind::kPixelUnshuffle:
      return {range.first * factor, range.last * factor};
    case OpKind::kPixelShuffle:
      return {range.first / factor, (range.last + factor - 1) / factor};
    default:
      return range;
  }
}

}  // namespace veneer::network
