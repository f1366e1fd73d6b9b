#include "picture/interpolation.h"

#include <algorithm>

namespace veneer {
namespace {

// Of the values around an even place; odd ones have them the other way round.
constexpr int kTapCount = 2 * kInterpolationMargin;
constexpr int kTaps[kTapCount] = {1, -9, 35, 114, -17, 4};
constexpr int kTapsLog2 = 7;  // of their sum
constexpr int kStrip = 16;    // base rows that are a piece of work

// out[i] = the sum of the taps of an even or odd place times the values around place i, the first of which is from[0][i]
// and so on, as `finish` makes it. With taps that are known when compiling, few multiplications are left.
template <int kHalf, typename T, typename Out, typename Finish>
void weigh(const T* const* from, ptrdiff_t count, const Finish& finish, Out* out) {
  const T *a = from[0], *b = from[1], *c = from[2], *d = from[3], *e = from[4], *f = from[5];
  constexpr auto tap = [](int i) { return kTaps[kHalf ? kTapCount - 1 - i : i]; };
  for (ptrdiff_t i = 0; i < count; ++i) {
    out[i] = finish(tap(0) * a[i] + tap(1) * b[i] + tap(2) * c[i] + tap(3) * d[i] + tap(4) * e[i] + tap(5) * f[i]);
  }
}

inline int16_t level(int32_t sum) {
  return static_cast<int16_t>(std::clamp((sum + (1 << (2 * kTapsLog2 - 1))) >> (2 * kTapsLog2), 0, kMaxQuarters));
}

// Makes the two rows that a base row becomes.
class RowDoubler {
 public:
  RowDoubler(const View<const int16_t>& from, const View<int16_t>& to)
      : from_(from),
        to_(to),
        count_(static_cast<ptrdiff_t>(from.width) * from.channels),
        margin_(static_cast<ptrdiff_t>(kInterpolationMargin) * from.channels),
        sums_(count_ + 2 * margin_),
        even_(count_),
        odd_(count_) {}

  void run(int y) {
    run_half<0>(y);
    run_half<1>(y);
  }

 private:
  template <int kHalf>
  void run_half(int y) {
    sum_columns<kHalf>(y);
    sum_rows<0>(even_.data());
    sum_rows<1>(odd_.data());
    write(to_.row(2 * y + kHalf));
  }

  // Along columns, with the margins of the row.
  template <int kHalf>
  void sum_columns(int y) {
    const int16_t* rows[kTapCount];
    for (int i = 0; i < kTapCount; ++i) {
      rows[i] = from_.row(std::clamp(y - kInterpolationMargin + kHalf + i, 0, from_.height - 1));
    }
    int32_t* first = sums_.data() + margin_;
    weigh<kHalf>(rows, count_, [](int32_t sum) { return sum; }, first);
    const int channels = from_.channels;
    for (ptrdiff_t i = 0; i < margin_; ++i) {
      sums_[i] = first[i % channels];
      first[count_ + i] = first[count_ - channels + i % channels];
    }
  }

  template <int kHalf>
  void sum_rows(int16_t* out) const {
    const int32_t* places[kTapCount];
    for (int i = 0; i < kTapCount; ++i) {
      places[i] = sums_.data() + static_cast<ptrdiff_t>(kHalf + i) * from_.channels;
    }
    weigh<kHalf>(places, count_, [](int32_t sum) { return level(sum); }, out);
  }

  void write(int16_t* out) const {
    const int channels = from_.channels;
    if (channels == 1) return write_pairs<1>(out);
    if (channels == 3) return write_pairs<3>(out);
    for (ptrdiff_t i = 0; i < count_; ++i) {
      int16_t* pair = out + 2 * (i / channels) * channels + i % channels;
      pair[0] = even_[i];
      pair[channels] = odd_[i];
    }
  }

  template <int kChannels>
  void write_pairs(int16_t* out) const {
    const int16_t *even = even_.data(), *odd = odd_.data();
    for (int x = 0; x < from_.width; ++x, even += kChannels, odd += kChannels, out += 2 * kChannels) {
      for (int c = 0; c < kChannels; ++c) {
        out[c] = even[c];
        out[kChannels + c] = odd[c];
      }
    }
  }

  const View<const int16_t> from_;
  const View<int16_t> to_;
  ptrdiff_t count_, margin_;
  Vector<int32_t> sums_;
  Vector<int16_t> even_, odd_;
};

}  // namespace

Image<int16_t> interpolate(const View<const int16_t>& quarters, Runner& runner) {
  Image<int16_t> result(2 * quarters.width, 2 * quarters.height, quarters.channels);
  const View<int16_t> to = result.view();
  run_parallel(runner, (quarters.height + kStrip - 1) / kStrip, [&](int strip) {
    RowDoubler doubler(quarters, to);
    const int end = std::min((strip + 1) * kStrip, quarters.height);
    for (int y = strip * kStrip; y < end; ++y) doubler.run(y);
  });
  return result;
}

void quarters_to_pixels(const View<const int16_t>& quarters, const View<uint8_t>& pixels) {
  const auto pixel = [](int16_t value) { return static_cast<uint8_t>(std::clamp((value + 2) >> 2, 0, 255)); };
  const int channels = quarters.channels;
  for (int y = 0; y < quarters.height; ++y) {
    const int16_t* in = quarters.row(y);
    uint8_t* out = pixels.row(y);
    if (pixels.channels == channels) {
      const ptrdiff_t count = static_cast<ptrdiff_t>(quarters.width) * channels;
      for (ptrdiff_t i = 0; i < count; ++i) out[i] = pixel(in[i]);
      continue;
    }
    for (int x = 0; x < quarters.width; ++x, in += channels, out += pixels.channels) {
      for (int c = 0; c < channels; ++c) out[c] = pixel(in[c]);
    }
  }
}

}  // namespace veneer
