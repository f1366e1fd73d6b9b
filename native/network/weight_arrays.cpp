#include "network/weight_arrays.h"

#include <cstring>

#include "network/message.h"

namespace veneer {
namespace {

using network::LinearWeights;
using network::OpKind;

constexpr int kMaxDimensions = 4;

// Types of arrays: their numbers in the file, and what messages call them.
template <typename T>
struct ArrayType;
template <>
struct ArrayType<uint8_t> {
  static constexpr int kNumber = 1;
  static constexpr const char* kName = "u1";
};
template <>
struct ArrayType<int16_t> {
  static constexpr int kNumber = 2;
  static constexpr const char* kName = "i2";
};
template <>
struct ArrayType<int32_t> {
  static constexpr int kNumber = 3;
  static constexpr const char* kName = "i4";
};

struct ArrayShape {
  uint32_t sides[kMaxDimensions];
  int dimensions;

  size_t count() const {
    size_t product = 1;
    for (int i = 0; i < dimensions; ++i) product *= sides[i];
    return product;
  }
};

ArrayShape weight_shape(OpKind kind, uint32_t channels, uint32_t operand, uint32_t kernel) {
  if (kind == OpKind::kConvolution) return {{channels, operand, kernel, kernel}, 4};
  if (kind == OpKind::kDepthwise) return {{channels, 3, 3}, 3};
  return {{channels}, 1};
}

uint32_t little_endian(const uint8_t* bytes, size_t size) {
  uint32_t value = 0;
  for (size_t i = 0; i < size; ++i) value |= uint32_t{bytes[i]} << 8 * i;
  return value;
}

void add_sides(MessageText* text, Bytes sides) {
  text->add("[");
  for (size_t i = 0; i < sides.size; i += 4) text->add("%s%u", i ? ", " : "", little_endian(sides.data + i, 4));
  text->add("]");
}

// Shapes as messages show them.
void require_shape(WeightReader* reader, const char* name, Bytes sides, const ArrayShape& shape) {
  bool fits = sides.size == 4 * static_cast<size_t>(shape.dimensions);
  for (int i = 0; fits && i < shape.dimensions; ++i) fits = little_endian(sides.data + 4 * i, 4) == shape.sides[i];
  if (fits) return;
  MessageText text;
  text.add("%s: shape ", name);
  add_sides(&text, sides);
  text.add(" is not [");
  for (int i = 0; i < shape.dimensions; ++i) text.add("%s%u", i ? ", " : "", shape.sides[i]);
  text.add("]");
  reader->require(false, "%s", text.text());
}

void require_text(WeightReader* reader, const char* name) {
  const Bytes found = reader->text();
  if (found.size == std::strlen(name) && std::memcmp(found.data, name, found.size) == 0) return;
  MessageText text;
  text.add("array ");
  text.add_quoted(found);
  text.add(" where '%s' should be", name);
  reader->require(false, "%s", text.text());
}

// The arrays of one operation.
class OperationArrays {
 public:
  OperationArrays(WeightReader* reader, const char* network, const char* operation)
      : reader_(reader), network_(network), operation_(operation) {}

  // The next array, which must be this one.
  template <typename T>
  void read(const char* role, const ArrayShape& shape, Vector<T>* values) const {
    MessageText name;
    name.add("%s/%s/%s", network_, operation_, role);
    require_text(reader_, name.text());
    reader_->need(2);
    const int number = reader_->u8(), dimensions = reader_->u8();
    const Bytes sides = reader_->take(4 * static_cast<size_t>(dimensions));
    reader_->require(number == ArrayType<T>::kNumber, "%s: type %d is not that of %s", name.text(), number,
                     ArrayType<T>::kName);
    require_shape(reader_, name.text(), sides, shape);
    const size_t count = shape.count();
    const Bytes bytes = reader_->take(count * sizeof(T));
    values->resize(count);
    T* out = values->data();
    for (size_t i = 0; i < count; ++i) out[i] = static_cast<T>(little_endian(bytes.data + i * sizeof(T), sizeof(T)));
  }

 private:
  WeightReader* reader_;
  const char* network_;
  const char* operation_;
};

}  // namespace

int array_count(const NetworkDescription& network) {
  int count = 0;
  for (const OperationDescription& operation : network.operations) {
    const OpKind kind = operation.spec.kind;
    count += is_linear(kind) ? 4 : kind == OpKind::kTable ? 1 : 0;
  }
  return count;
}

void read_arrays(WeightReader* reader, NetworkDescription* network) {
  for (size_t i = 0; i < network->operations.size(); ++i) {
    OperationDescription& operation = network->operations[i];
    const OperationArrays arrays(reader, network->name, operation.name);
    if (operation.spec.kind == OpKind::kTable) {
      arrays.read("table", {{operation.entries}, 1}, &operation.spec.table);
    }
    if (!is_linear(operation.spec.kind)) continue;
    const auto channels = static_cast<uint32_t>(network->shapes[network->inputs.size() + i].channels);
    const auto operand = static_cast<uint32_t>(network->shapes[operation.spec.inputs[0]].channels);
    LinearWeights& layer = operation.spec.weights;
    const ArrayShape each = {{channels}, 1};
    arrays.read("weight",
                weight_shape(operation.spec.kind, channels, operand, static_cast<uint32_t>(operation.spec.kernel)),
                &layer.weights);
    arrays.read("bias", each, &layer.bias);
    arrays.read("multiplier", each, &layer.multiplier);
    arrays.read("shift", each, &layer.shift);
  }
}

}  // namespace veneer
