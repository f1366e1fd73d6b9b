#include "network/proof.h"

#include <algorithm>
#include <cstdlib>

#include "common/failure.h"

namespace veneer {
namespace {

using network::LinearWeights;
using network::OpKind;

constexpr int kMaxShift = 30;
constexpr int64_t kAccumulatorLimit = int64_t{1} << 31;

ValueRange range_of(const network::OpSpec& spec, const Vector<ValueRange>& ranges) {
  switch (spec.kind) {
    case OpKind::kTable: {
      const auto [least, most] = std::minmax_element(spec.table.begin(), spec.table.end());
      return {*least, *most};
    }
    case OpKind::kPixelUnshuffle:
    case OpKind::kPixelShuffle:
    case OpKind::kConcat:
    case OpKind::kSlice: {
      ValueRange range = ranges[spec.inputs[0]];
      for (const int tensor : spec.inputs) {
        range = {std::min(range.low, ranges[tensor].low), std::max(range.high, ranges[tensor].high)};
      }
      return range;
    }
    default:
      return {spec.low, spec.high};
  }
}

void check_fractions(const NetworkDescription& network, const OperationDescription& operation) {
  const LinearWeights& layer = operation.spec.weights;
  for (const uint8_t shift : layer.shift) {
    if (shift >= 1 && shift <= kMaxShift) continue;
    fail(ErrorCode::kWeightsInvalid, Problem::kNowhere, "%s: %s: a shift is not 1..%d", network.name, operation.name,
         kMaxShift);
  }
  for (size_t c = 0; c < layer.shift.size(); ++c) {
    if (layer.multiplier[c] >= 0 && layer.multiplier[c] <= 1 << layer.shift[c]) continue;
    fail(ErrorCode::kWeightsInvalid, Problem::kNowhere, "%s: %s: a multiplier is not 0..2^shift", network.name,
         operation.name);
  }
}

// The largest accumulator that an output channel could have.
int64_t bound_of(const LinearWeights& layer, size_t channel, int64_t largest) {
  const size_t taps = layer.weights.size() / layer.bias.size();
  const int16_t* weights = layer.weights.data() + channel * taps;
  int64_t sum = 0;
  for (size_t i = 0; i < taps; ++i) sum += std::abs(int{weights[i]});
  return largest * sum + std::abs(int64_t{layer.bias[channel]});
}

void check_sums(const NetworkDescription& network, const OperationDescription& operation, const ValueRange& operand) {
  const LinearWeights& layer = operation.spec.weights;
  const int64_t largest = std::max(std::abs(operand.low), std::abs(operand.high));
  int64_t most = 0;
  size_t channel = 0;
  for (size_t c = 0; c < layer.bias.size(); ++c) {
    const int64_t bound = bound_of(layer, c, largest);
    if (bound <= most) continue;
    most = bound;
    channel = c;
  }
  if (most < kAccumulatorLimit) return;
  fail(ErrorCode::kWeightsOverflow, Problem::kNowhere, "%s/%s: channel %zu could reach %lld, 2^31 or more",
       network.name, operation.name, channel, static_cast<long long>(most));
}

}  // namespace

Vector<ValueRange> ranges_of(const NetworkDescription& network) {
  Vector<ValueRange> ranges;
  ranges.reserve(network.tensor_count());
  for (const TensorInfo& input : network.inputs) ranges.push_back({input.low, input.high});
  for (const OperationDescription& operation : network.operations) {
    ranges.push_back(range_of(operation.spec, ranges));
  }
  return ranges;
}

void prove(const NetworkDescription& network, const Vector<ValueRange>& ranges) {
  for (const OperationDescription& operation : network.operations) {
    if (!is_linear(operation.spec.kind)) continue;
    check_fractions(network, operation);
    check_sums(network, operation, ranges[operation.spec.inputs[0]]);
  }
}

}  // namespace veneer
