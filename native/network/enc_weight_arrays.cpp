#include "network/enc_weight_arrays.h"

#include "entropy/enc_range_coder.h"

namespace veneer {
namespace {

class NumberEncoder {
 public:
  void array(const CodedArray& array) {
    NumberModels& models = models_[static_cast<int>(array.role)];
    const bool by_differences = is_coded_by_differences(array.role);
    int32_t before = 0;
    for (const int32_t value : array.values) {
      number(value - (by_differences ? before : 0), &models);
      before = value;
    }
  }

  std::vector<uint8_t> finish() { return words_to_bytes(coder_.finish()); }

 private:
  void decide(int value, BitModel* model) {
    coder_.bit(value, model->p1());
    model->update(value);
  }

  void number(int32_t value, NumberModels* models) {
    const uint32_t magnitude = value < 0 ? 0u - static_cast<uint32_t>(value) : static_cast<uint32_t>(value);
    int length = 0;
    while (magnitude >> length) ++length;
    for (int i = kLengthBits - 1, node = 1; i >= 0; --i) {
      const int digit = length >> i & 1;
      decide(digit, &models->length[node]);
      node = 2 * node + digit;
    }
    if (length == 0) return;
    const int below = length > 1 ? length - 2 : 0;
    if (length > 1) decide(static_cast<int>(magnitude >> below & 1), &models->second[length]);
    const uint32_t rest = (magnitude & ((1u << below) - 1)) << 1 | static_cast<uint32_t>(value < 0);
    const int digits = below + 1;
    if (digits > kUniformBits) coder_.encode(rest >> kUniformBits, 1, digits - kUniformBits);
    const int last = std::min(digits, kUniformBits);
    coder_.encode(rest & ((1u << last) - 1), 1, last);
  }

  RangeEncoder coder_;
  NumberModels models_[kArrayRoles];
};

}  // namespace

std::vector<uint8_t> code_arrays(const std::vector<CodedArray>& arrays) {
  NumberEncoder encoder;
  for (const CodedArray& array : arrays) encoder.array(array);
  return encoder.finish();
}

}  // namespace veneer
