#include "enhance/latents.h"

#include <algorithm>
#include <cstdlib>

#include "entropy/range_coder.h"
#include "network/distributions.h"

namespace veneer {
namespace {

constexpr int kMaxThreshold = 63, kMaxCoefficient = 127;

// Distributions: whether latents follow, number of classes, code of the first threshold and of `clip` less kFirstThreshold,
// how far other thresholds are from the next possible one, and coefficients less their prediction.
constexpr int kMoreIndex = 18, kCountIndex = 46, kFirstIndex = 53, kNextIndex = 46;
constexpr int kTapIndices[kFilterTaps] = {54, 48, 48, 44, 44, 44, 44, 50, 50, 36, 36, 46};
constexpr int kFirstThreshold = 32;
// Predictors of the first class's coefficients; those of other classes are predicted from the class before.
constexpr int8_t kFirstTaps[kFilterTaps] = {12, 5, 4, 0, 0, 0, 0, 10, 12, 0, 0, 0};
constexpr int kLumaTaps = 9;  // the last three see Y beside Co and Cg

// Values of a stream. Once the stream is found to be invalid it gives no more of them.
class Reader {
 public:
  explicit Reader(Bytes data) : coder_(data.data, data.size) {}

  // The next value, -127..127, of distribution `index`; false if the stream is invalid.
  bool read(int index, int* value) {
    const int32_t symbol = latent_distribution(index).decode(coder_);
    *value = symbol - kMaxLatent;
    return symbol >= 0;
  }
  // The same, for a value that must be in low..high once `offset` has been added.
  bool read(int index, int offset, int low, int high, int* value) {
    if (!read(index, value)) return false;
    *value += offset;
    return low <= *value && *value <= high;
  }
  bool valid() const { return coder_.valid(); }

 private:
  RangeDecoder coder_;
};

bool read_thresholds(Reader* reader, CodedPlaneFilters* plane) {
  int code = 0;
  for (int k = 0; k + 1 < plane->count; ++k) {
    const bool found = k == 0 ? reader->read(kFirstIndex, kFirstThreshold, 0, kMaxThreshold, &code)
                              : reader->read(kNextIndex, code + 1, code + 1, kMaxThreshold, &code);
    if (!found) return false;
    plane->thresholds[k] = static_cast<uint8_t>(code);
  }
  return true;
}

bool read_coefficients(Reader* reader, int taps, CodedPlaneFilters* plane) {
  const int8_t* before = kFirstTaps;
  for (int k = 0; k < plane->count; ++k) {
    for (int i = 0; i < taps; ++i) {
      int tap;
      if (!reader->read(kTapIndices[i], before[i], -kMaxCoefficient, kMaxCoefficient, &tap)) return false;
      plane->coefficients[k][i] = static_cast<int8_t>(tap);
    }
    before = plane->coefficients[k];
  }
  return true;
}

// Filters, and whether latents follow.
bool read_filters_alone(Reader* reader, int planes, TileFilters* filters, int* more) {
  *filters = TileFilters();
  filters->planes = planes;
  if (!reader->read(kMoreIndex, 0, 0, 1, more)) return false;
  for (int p = 0; p < planes; ++p) {
    if (!reader->read(kCountIndex, 0, 0, kMaxFilterClasses, &filters->plane[p].count)) return false;
  }
  if (filters->any() && !reader->read(kFirstIndex, kFirstThreshold, 0, kMaxThreshold, &filters->clip)) return false;
  for (int p = 0; p < planes; ++p) {
    CodedPlaneFilters* plane = &filters->plane[p];
    if (!read_thresholds(reader, plane)) return false;
    if (!read_coefficients(reader, p == 0 ? kLumaTaps : kFilterTaps, plane)) return false;
  }
  return reader->valid();
}

bool read_rows(Reader* reader, const View<const uint8_t>& index, const View<int16_t>& y) {
  for (int v = 0; v < y.height; ++v) {
    const uint8_t* from = index.row(v);
    int16_t* row = y.row(v);
    for (int i = 0; i < y.width * y.channels; ++i) {
      int value;
      if (!reader->read(from[i], &value)) return false;
      row[i] = static_cast<int16_t>(value);
    }
  }
  return reader->valid();
}

bool read_latents(Reader* reader, const View<const uint8_t>& index, const View<int16_t>& y) {
  if (read_rows(reader, index, y)) return true;
  for (int v = 0; v < y.height; ++v) std::fill_n(y.row(v), y.width * y.channels, int16_t{0});
  return false;
}

}  // namespace

bool TileFilters::any() const {
  return std::any_of(plane, plane + planes, [](const CodedPlaneFilters& each) { return each.count > 0; });
}

bool read_latents(Bytes data, const View<const uint8_t>& index, const View<int16_t>& y) {
  Reader reader(data);
  return read_latents(&reader, index, y);
}

bool read_filters(Bytes data, int planes, const LatentIndices* indices, const View<int16_t>& y, TileFilters* filters) {
  Reader reader(data);
  int more = 0;
  if (!read_filters_alone(&reader, planes, filters, &more)) return false;
  if (more == 0 || indices == nullptr) return true;
  const Image<uint8_t> index = (*indices)();
  return read_latents(&reader, index.view(), y);
}

}  // namespace veneer
