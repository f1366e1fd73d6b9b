// Samples as they are, for what no form makes smaller.
// Source: docs/format.md, "Modular tiles".
#include "base/modular/forms.h"

namespace veneer::modular {
namespace {

// Reads values of any number of bits, the upper bits first.
class Values {
 public:
  explicit Values(Bytes data) : data_(data) {}

  int next(int bits) {
    while (held_ < bits) {
      buffer_ = buffer_ << 8 | data_[used_++];
      held_ += 8;
    }
    held_ -= bits;
    return static_cast<int>(buffer_ >> held_ & ((1u << bits) - 1));
  }
  // Whether the bits that are left over of the last byte are 0.
  bool ends() const { return (buffer_ & ((1u << held_) - 1)) == 0; }

 private:
  Bytes data_;
  size_t used_ = 0;
  uint32_t buffer_ = 0;  // its lower `held_` bits are not yet read: at most 7 between values
  int held_ = 0;
};

}  // namespace

bool decode_stored(Bytes data, const Planes& planes) {
  uint64_t bits_of_all = 0;
  for (int p = 0; p < planes.count; ++p) bits_of_all += static_cast<uint64_t>(bits_of(planes.most[p]));
  bits_of_all *= static_cast<uint64_t>(planes.width) * static_cast<uint64_t>(planes.height);  // at most 2^6 * 2^32
  if (data.size != (bits_of_all + 7) / 8) return false;
  Values values(data);
  for (int p = 0; p < planes.count; ++p) {
    const int bits = bits_of(planes.most[p]);
    for (int y = 0; y < planes.height; ++y) {
      uint16_t* const row = planes.row(p, y);
      int largest = 0;
      for (int x = 0; x < planes.width; ++x) {
        const int value = values.next(bits);
        row[x] = static_cast<uint16_t>(value);
        largest = value > largest ? value : largest;
      }
      if (largest > planes.most[p]) return false;
    }
  }
  return values.ends();
}

}  // namespace veneer::modular
