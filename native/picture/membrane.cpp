#include "picture/membrane.h"

#include <algorithm>
#include <cstring>

namespace veneer {
namespace {

constexpr int kSweeps = 6;

size_t count_of(const Image<int16_t>& image) { return static_cast<size_t>(image.width()) * image.height(); }

// (before + 2 own + after + 2) >> 2 in 16 bits, as vectors have it.
inline int16_t mean(int16_t before, int16_t own, int16_t after) {
  return static_cast<int16_t>(static_cast<int16_t>(before + 2 * own + after + 2) >> 2);
}

inline int16_t choose(int16_t mask, int16_t chosen, int16_t other) {
  return static_cast<int16_t>((mask & chosen) | (~mask & other));
}

// out = the means along columns, then those along rows of these where nothing is fixed. `middle` has a value more at
// either end.
void smooth_row(const int16_t* above, const int16_t* own, const int16_t* below, const int16_t* fixed, int width,
                int16_t* middle, int16_t* out) {
  for (int x = 0; x < width; ++x) middle[x] = mean(above[x], own[x], below[x]);
  middle[-1] = middle[0];
  middle[width] = middle[width - 1];
  for (int x = 0; x < width; ++x) out[x] = choose(fixed[x], own[x], mean(middle[x - 1], middle[x], middle[x + 1]));
}

// What the quarters of a coarser level know: the mean of those of four values that are fixed.
void halve(const Image<int16_t>& known, const Image<int16_t>& fixed, Image<int16_t>* coarse, Image<int16_t>* mask) {
  for (int y = 0; y < coarse->height(); ++y) {
    int16_t *out = coarse->view().row(y), *out_mask = mask->view().row(y);
    for (int x = 0; x < coarse->width(); ++x) {
      int total = 0, number = 0;
      for (int v = 2 * y; v < std::min(2 * y + 2, known.height()); ++v) {
        for (int u = 2 * x; u < std::min(2 * x + 2, known.width()); ++u) {
          const int one = *fixed.view().at(u, v);
          total += *known.view().at(u, v) & one;
          number -= one;
        }
      }
      out[x] = static_cast<int16_t>((total + number / 2) / std::max(number, 1));
      out_mask[x] = static_cast<int16_t>(number > 0 ? -1 : 0);
    }
  }
}

}  // namespace

void smooth(const Image<int16_t>& fixed, Image<int16_t>* values) {
  const int width = values->width(), height = values->height();
  // Of the rows that are written over: the one above, and this one; and the means along columns.
  Vector<int16_t> rows(3 * static_cast<size_t>(width) + 2);
  int16_t *above = rows.data(), *own = above + width, *middle = own + width + 1;
  const View<int16_t> to = values->view();
  for (int sweep = 0; sweep < kSweeps; ++sweep) {
    std::memcpy(above, to.row(0), sizeof(int16_t) * width);
    for (int y = 0; y < height; ++y) {
      std::memcpy(own, to.row(y), sizeof(int16_t) * width);
      smooth_row(above, own, to.row(std::min(y + 1, height - 1)), fixed.view().row(y), width, middle, to.row(y));
      std::swap(above, own);
    }
  }
}

Image<int16_t> membrane(const Image<int16_t>& known, const Image<int16_t>& fixed) {
  const int width = known.width(), height = known.height();
  Image<int16_t> result(width, height, 1);
  if (std::max(width, height) == 1) {
    result.data()[0] = choose(fixed.data()[0], known.data()[0], kTopValue / 2);
    return result;
  }
  Image<int16_t> coarse((width + 1) / 2, (height + 1) / 2, 1), coarse_mask(coarse.width(), coarse.height(), 1);
  halve(known, fixed, &coarse, &coarse_mask);
  const Image<int16_t> start = enlarge(membrane(coarse, coarse_mask).view());
  copy_rows<int16_t>(start.view().part({0, 0, width, height}), result.view());
  hold(known, Image<int16_t>(), fixed, &result);
  smooth(fixed, &result);
  return result;
}

void hold(const Image<int16_t>& known, const Image<int16_t>& base, const Image<int16_t>& fixed,
          Image<int16_t>* values) {
  const size_t count = count_of(known);
  const int16_t *own = known.data(), *less = base.data(), *mask = fixed.data();
  int16_t* out = values->data();
  if (base.empty()) {
    for (size_t i = 0; i < count; ++i) out[i] = choose(mask[i], own[i], out[i]);
  } else {
    for (size_t i = 0; i < count; ++i) out[i] = choose(mask[i], static_cast<int16_t>(own[i] - less[i]), out[i]);
  }
}

void add(const Image<int16_t>& other, Image<int16_t>* values) {
  const size_t count = count_of(other);
  const int16_t* more = other.data();
  int16_t* out = values->data();
  for (size_t i = 0; i < count; ++i) out[i] = static_cast<int16_t>(out[i] + more[i]);
}

void subtract_known(const Image<int16_t>& base, const Image<int16_t>& fixed, Image<int16_t>* values) {
  const size_t count = count_of(base);
  const int16_t *less = base.data(), *mask = fixed.data();
  int16_t* out = values->data();
  for (size_t i = 0; i < count; ++i) out[i] = static_cast<int16_t>((out[i] - less[i]) & mask[i]);
}

Image<int16_t> base_of_preview(const View<const uint8_t>& preview, int channel) {
  Image<int16_t> base(preview.width, preview.height, 1);
  for (int y = 0; y < preview.height; ++y) {
    const uint8_t* in = preview.row(y) + channel;
    int16_t* out = base.view().row(y);
    for (int x = 0; x < preview.width; ++x) out[x] = static_cast<int16_t>(in[x * preview.channels] * (kTopValue / 255));
  }
  return base;
}

}  // namespace veneer
