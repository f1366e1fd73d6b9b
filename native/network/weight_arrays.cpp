#include "network/weight_arrays.h"

#include <limits>

#include "common/limits.h"
#include "entropy/range_coder.h"
#include "network/number_models.h"

namespace veneer {
namespace {

using network::LinearWeights;
using network::OpKind;

// Numbers in the weight of one output channel of an operation.
int64_t taps_of(const network::OpSpec& spec, int operand_channels) {
  if (spec.kind == OpKind::kConvolution) return int64_t{operand_channels} * spec.kernel * spec.kernel;
  return spec.kind == OpKind::kDepthwise ? 9 : 1;
}

// The shape of an operation's arrays.
struct Sizes {
  int64_t channels, taps, entries;
  int64_t all() const { return channels * (taps + 3) + entries; }
};

Sizes sizes_of(const NetworkDescription& network, size_t number) {
  const OperationDescription& operation = network.operations[number];
  if (operation.spec.kind == OpKind::kTable) return {0, 0, operation.entries};
  if (!is_linear(operation.spec.kind)) return {0, 0, 0};
  const int channels = network.shapes[network.inputs.size() + number].channels;
  return {channels, taps_of(operation.spec, network.shapes[operation.spec.inputs[0]].channels), 0};
}

// The stream of numbers.
class NumberDecoder {
 public:
  explicit NumberDecoder(Bytes data) : coder_(data.data, data.size) {}

  // The next array. False where it is no code, or a number does not fit.
  template <typename T>
  bool read(ArrayRole role, int64_t count, Vector<T>* values) {
    NumberModels& models = models_[static_cast<int>(role)];
    const bool by_differences = is_coded_by_differences(role);
    values->resize(static_cast<size_t>(count));
    int64_t before = 0;
    for (T& value : *values) {
      const int64_t found = number(&models) + (by_differences ? before : 0);
      if (found < std::numeric_limits<T>::min() || found > std::numeric_limits<T>::max()) is_wrong_ = true;
      if (is_wrong_) return false;
      value = static_cast<T>(found);
      before = found;
    }
    return true;
  }

  bool valid() const { return !is_wrong_ && coder_.valid(); }

 private:
  int decide(BitModel* model) {
    const int value = coder_.bit(model->p1());
    model->update(value);
    return value;
  }

  // Digits that are as likely 0 as 1.
  uint32_t uniform(int digits) {
    const uint32_t value = coder_.quantile(digits);
    if (value >> digits) is_wrong_ = true;
    coder_.consume(value, 1, digits);
    return value;
  }

  // -2^31 + 1 .. 2^31 - 1; anything where it is no code.
  int64_t number(NumberModels* models) {
    int node = 1;
    for (int i = 0; i < kLengthBits; ++i) node = 2 * node + decide(&models->length[node]);
    const int length = node - (1 << kLengthBits);
    if (length == 0) return 0;
    if (length > kMostLength) {
      is_wrong_ = true;
      return 0;
    }
    const uint32_t first = length > 1 ? 2 + decide(&models->second[length]) : 1;
    int digits = length > 1 ? length - 1 : 1;  // those that follow, and the sign
    uint32_t rest = 0;
    if (digits > kUniformBits) {
      rest = uniform(digits - kUniformBits) << kUniformBits;
      digits = kUniformBits;
    }
    rest |= uniform(digits);
    const int below = length > 1 ? length - 2 : 0;
    const auto magnitude = static_cast<int64_t>(first << below | rest >> 1);
    return rest & 1 ? -magnitude : magnitude;
  }

  RangeDecoder coder_;
  NumberModels models_[kArrayRoles];
  bool is_wrong_ = false;
};

bool read_operation(NumberDecoder* numbers, const Sizes& sizes, OperationDescription* operation) {
  if (sizes.entries) return numbers->read(ArrayRole::kTable, sizes.entries, &operation->spec.table);
  LinearWeights& layer = operation->spec.weights;
  return numbers->read(ArrayRole::kWeight, sizes.channels * sizes.taps, &layer.weights) &&
         numbers->read(ArrayRole::kBias, sizes.channels, &layer.bias) &&
         numbers->read(ArrayRole::kMultiplier, sizes.channels, &layer.multiplier) &&
         numbers->read(ArrayRole::kShift, sizes.channels, &layer.shift);
}

}  // namespace

void read_arrays(WeightReader* reader, NetworkDescription* network) {
  int64_t total = 0;
  for (size_t i = 0; i < network->operations.size(); ++i) total += sizes_of(*network, i).all();
  if (total > kMaxWeights) {
    fail(ErrorCode::kWeightsTooLarge, reader->position(), "%s: %lld numbers in arrays are more than %lld",
         network->name, static_cast<long long>(total), static_cast<long long>(kMaxWeights));
  }
  NumberDecoder numbers(reader->take(reader->left()));
  for (size_t i = 0; i < network->operations.size(); ++i) {
    OperationDescription& operation = network->operations[i];
    if (read_operation(&numbers, sizes_of(*network, i), &operation)) continue;
    reader->require(false, "%s/%s: the arrays are no code", network->name, operation.name);
  }
  reader->require(numbers.valid(), "%s: the arrays are no code", network->name);
}

}  // namespace veneer
