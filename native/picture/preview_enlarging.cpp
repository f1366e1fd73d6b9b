// Enlarging for display: part of preview.h.
#include <algorithm>
#include <cstring>

#include "picture/preview.h"

namespace veneer {
namespace {

constexpr int kBicubicTaps = 4;
constexpr int kMaxScale = 16;
constexpr int kEnlargedStrip = 32;  // rows of the result that are a piece of work

// Fractional bits of samples and of sums over columns. With alpha they are alpha times
// 255 and colours times alpha, without fractional bits.
constexpr int kWorkBits = 6;

// The cubics through four values, of each place between the middle two: weights in 1 / sum.
struct Phases {
  int log2_sum;  // of the weights
  int32_t tap[kMaxScale][kBicubicTaps];
  int first[kMaxScale];  // where the first value is, from the one that the place lies in
};

// Weights of the four values around a place that is t / n after the second, in 1 / (2 n^3).
void cubic_taps(int64_t t, int64_t n, int64_t* taps) {
  const int64_t t2 = t * t, t3 = t2 * t, n2 = n * n, n3 = n2 * n;
  taps[0] = -t3 + 2 * t2 * n - t * n2;
  taps[1] = 3 * t3 - 5 * t2 * n + 2 * n3;
  taps[2] = -3 * t3 + 4 * t2 * n + t * n2;
  taps[3] = t3 - t2 * n;
}

// Place k of a pixel's `scale` is (2 k + 1 - scale) / (2 scale) from its middle.
Phases phases_of(int scale) {
  constexpr int kLog2Sum = 13;  // exact for scales that are powers of two
  Phases phases = {};
  phases.log2_sum = kLog2Sum;
  for (int k = 0; k < scale; ++k) {
    const int n = 2 * scale, offset = 2 * k + 1 - scale, t = offset < 0 ? offset + n : offset;
    int64_t taps[kBicubicTaps];
    cubic_taps(t, n, taps);
    const int64_t sum = 2 * int64_t{n} * n * n;
    int32_t rest = 1 << kLog2Sum;
    for (int i = 0; i < kBicubicTaps; ++i) {
      phases.tap[k][i] = static_cast<int32_t>(taps[i] * (2 << kLog2Sum) / sum + (taps[i] < 0 ? -1 : 1)) / 2;
      rest -= phases.tap[k][i];
    }
    phases.tap[k][t < scale ? 1 : 2] += rest;
    phases.first[k] = offset < 0 ? -2 : -1;
  }
  return phases;
}

inline int32_t shifted(int32_t value, int bits) { return (value + (1 << bits >> 1)) >> bits; }

// A row of the small picture in the working format.
template <int kChannels>
void load_row(const uint8_t* row, int width, int32_t* out) {
  for (int x = 0; x < width; ++x, row += kChannels, out += kChannels) {
    const int alpha = row[kChannels - 1];
    for (int c = 0; c < kChannels; ++c) {
      out[c] = kChannels % 2 ? row[c] : c == kChannels - 1 ? alpha * 255 : row[c] * alpha;
    }
  }
}

template <int kChannels>
void store_pixel(const int32_t* sums, int log2_sum, uint8_t* out) {
  if (kChannels % 2) {
    for (int c = 0; c < kChannels; ++c) {
      out[c] = static_cast<uint8_t>(std::clamp(shifted(sums[c], log2_sum + kWorkBits), 0, 255));
    }
    return;
  }
  const int32_t alpha = shifted(sums[kChannels - 1], log2_sum);  // times 255
  out[kChannels - 1] = static_cast<uint8_t>(std::clamp((alpha + 127) / 255, 0, 255));
  for (int c = 0; c < kChannels - 1; ++c) {
    const int32_t colour = shifted(sums[c], log2_sum);  // times alpha
    // At most 2^18 of the one for 255 of the other.
    out[c] = static_cast<uint8_t>(alpha <= 0 ? 0 : std::clamp((510 * colour + alpha) / (2 * alpha), 0, 255));
  }
}

// Makes rows of a region.
template <int kChannels>
class Enlarger {
 public:
  Enlarger(const View<const uint8_t>& small, const Rect& region, int scale)
      : small_(small), region_(region), scale_(scale), phases_(phases_of(scale)) {
    first_ = region.x / scale - 2;
    columns_ = (region.right() - 1) / scale + 3 - first_;
    for (auto& row : rows_) row.resize(static_cast<size_t>(columns_) * kChannels);
    sums_.resize(static_cast<size_t>(columns_) * kChannels);
  }

  // Row y of the picture.
  void run(int y, uint8_t* out) {
    const int k = y % scale_;
    sum_columns(y / scale_ + phases_.first[k], phases_.tap[k]);
    int phase = region_.x % scale_;
    const int32_t* pixel = sums_.data() + static_cast<ptrdiff_t>(region_.x / scale_ - first_) * kChannels;
    for (int x = 0; x < region_.width; ++x, out += kChannels) {
      const int32_t* from = pixel + phases_.first[phase] * kChannels;
      const int32_t* taps = phases_.tap[phase];
      int32_t sums[kChannels];
      for (int c = 0; c < kChannels; ++c) {
        sums[c] = taps[0] * from[c] + taps[1] * from[kChannels + c] + taps[2] * from[2 * kChannels + c] +
                  taps[3] * from[3 * kChannels + c];
      }
      store_pixel<kChannels>(sums, phases_.log2_sum, out);
      if (++phase == scale_) {
        phase = 0;
        pixel += kChannels;
      }
    }
  }

 private:
  // Row y of the small picture with what is beside it, at work; edge pixels repeat.
  const int32_t* row(int y) {
    Vector<int32_t>& kept = rows_[y & 3];
    if (kept_[y & 3] == y) return kept.data();
    kept_[y & 3] = y;
    Vector<uint8_t> line(static_cast<size_t>(columns_) * kChannels);
    const uint8_t* from = small_.row(std::clamp(y, 0, small_.height - 1));
    for (int x = 0; x < columns_; ++x) {
      std::memcpy(line.data() + x * kChannels, from + std::clamp(first_ + x, 0, small_.width - 1) * kChannels,
                  kChannels);
    }
    load_row<kChannels>(line.data(), columns_, kept.data());
    return kept.data();
  }

  void sum_columns(int first, const int32_t* taps) {
    const int32_t *a = row(first), *b = row(first + 1), *c = row(first + 2), *d = row(first + 3);
    const int bits = phases_.log2_sum - (kChannels % 2 ? kWorkBits : 0), count = columns_ * kChannels;
    const int32_t ta = taps[0], tb = taps[1], tc = taps[2], td = taps[3];
    for (int i = 0; i < count; ++i) sums_[i] = shifted(ta * a[i] + tb * b[i] + tc * c[i] + td * d[i], bits);
  }

  const View<const uint8_t> small_;
  const Rect region_;
  const int scale_;
  const Phases phases_;
  int first_, columns_;  // of the small picture
  Vector<int32_t> rows_[4], sums_;
  int kept_[4] = {-4, -4, -4, -4};  // no row that is asked for
};

template <int kChannels>
void enlarge_strip(const View<const uint8_t>& small, const Rect& region, int scale, int strip,
                   const View<uint8_t>& out) {
  Enlarger<kChannels> enlarger(small, region, scale);
  const int end = std::min((strip + 1) * kEnlargedStrip, region.height);
  for (int y = strip * kEnlargedStrip; y < end; ++y) enlarger.run(region.y + y, out.row(y));
}

}  // namespace

void enlarge(const View<const uint8_t>& small, const Rect& region, int scale, Runner& runner,
             const View<uint8_t>& out) {
  const auto run = small.channels == 1   ? enlarge_strip<1>
                   : small.channels == 2 ? enlarge_strip<2>
                   : small.channels == 3 ? enlarge_strip<3>
                                         : enlarge_strip<4>;
  run_parallel(runner, (region.height + kEnlargedStrip - 1) / kEnlargedStrip,
               [&](int strip) { run(small, region, scale, strip, out); });
}

}  // namespace veneer
