// Symbols of an alphabet of any size, coded with a tabulated cumulative distribution.
//
// Place: between a probability model that is a table (the latents') and the range coder.
// Source: docs/format.md, "Range coder".
#pragma once
#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>

#include "range_coder.h"

namespace veneer {

// Symbol i of 0..n-1 has the probability (cdf[i + 1] - cdf[i]) / 2^precision. The table refers to
// the numbers, which must outlive it.
class CdfTable {
 public:
  // Whether the table is one: 0 = cdf[0] < cdf[1] < ... < cdf[n] = 2^precision, n >= 1.
  static bool is_cdf(const uint32_t* cdf, size_t size, int precision) {
    if (precision < 1 || precision > kMaxPrecision || size < 2) return false;
    if (cdf[0] != 0 || cdf[size - 1] != uint32_t{1} << precision) return false;
    return std::adjacent_find(cdf, cdf + size, [](uint32_t a, uint32_t b) { return a >= b; }) == cdf + size;
  }

  // cdf obeys is_cdf().
  CdfTable(const uint32_t* cdf, size_t size, int precision)
      : cdf_(cdf),
        size_(static_cast<uint32_t>(size) - 1),
        precision_(precision),
        shift_(std::max(0, precision - kIndexBits)) {
    uint32_t symbol = 0;
    for (uint32_t i = 0; i < first_.size(); ++i) {
      while (symbol + 1 < size_ && cdf_[symbol + 1] <= i << shift_) ++symbol;
      first_[i] = symbol;
    }
  }

  uint32_t size() const { return size_; }

  // symbol < size(). The coder is a RangeEncoder (enc_range_coder.h).
  template <class Encoder>
  void encode(Encoder& coder, uint32_t symbol) const {
    coder.encode(cdf_[symbol], cdf_[symbol + 1] - cdf_[symbol], precision_);
  }

  // The next symbol, or -1 if the data are not a stream; the decoder is then unchanged.
  int32_t decode(RangeDecoder& coder) const {
    const uint32_t quantile = coder.quantile(precision_);
    if (quantile >> precision_) return -1;
    const uint32_t slot = quantile >> shift_;
    const uint32_t *begin = cdf_ + first_[slot] + 1, *end = cdf_ + first_[slot + 1] + 1;
    const uint32_t* above = std::upper_bound(begin, end, quantile);  // the upper end of the symbol
    const uint32_t left = *(above - 1);
    coder.consume(left, *above - left, precision_);
    return static_cast<int32_t>(above - cdf_) - 1;
  }

 private:
  static constexpr int kIndexBits = 8;

  const uint32_t* cdf_;
  uint32_t size_;
  int precision_;
  int shift_;
  // first_[i] is the symbol of the quantile i << shift_, or the last one: where the search begins.
  std::array<uint32_t, (1 << kIndexBits) + 1> first_;
};

}  // namespace veneer
