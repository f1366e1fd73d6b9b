#include "picture/cells.h"

#include <algorithm>

#include "picture/membrane.h"

namespace veneer {
namespace {

constexpr int kCoarse = kCell / kPreviewCell;  // pixels of a square

// Fractional bits of a sample at work.
template <typename T>
constexpr int fraction_bits() {
  return sizeof(T) == 1 ? 4 : 2;
}

template <typename T>
inline T rounded(int value) {
  constexpr int kBits = fraction_bits<T>();
  return static_cast<T>((std::clamp(value, 0, kTopValue) + (1 << kBits >> 1)) >> kBits);
}

template <typename T>
void fill_middle(const View<T>& samples, int channels) {
  for (int y = 0; y < samples.height; ++y) {
    for (int x = 0; x < samples.width; ++x) std::fill_n(samples.at(x, y), channels, rounded<T>(kTopValue / 2));
  }
}

}  // namespace

int count_lost(const View<const uint8_t>& lost) {
  int count = 0;
  for (int y = 0; y < lost.height; ++y) {
    for (int x = 0; x < lost.width; ++x) count += *lost.at(x, y) != 0;
  }
  return count;
}

Rect around_lost(const View<const uint8_t>& lost) {
  int left = lost.width, top = lost.height, right = 0, bottom = 0;
  for (int y = 0; y < lost.height; ++y) {
    for (int x = 0; x < lost.width; ++x) {
      if (*lost.at(x, y) == 0) continue;
      left = std::min(left, x);
      right = std::max(right, x + 1);
      top = std::min(top, y);
      bottom = y + 1;
    }
  }
  return intersection({left - 1, top - 1, right - left + 2, bottom - top + 2}, lost.size());
}

void fill_with_middle(const View<uint8_t>& samples, int channels) { fill_middle(samples, channels); }
void fill_with_middle(const View<int16_t>& samples, int channels) { fill_middle(samples, channels); }

template <typename T>
CellBox<T>::CellBox(const View<T>& samples, const Hole& hole, const Rect& cells)
    : samples_(samples),
      lost_(hole.lost.part(cells)),
      picture_{hole.origin_x - cells.x * kCell, hole.origin_y - cells.y * kCell, samples.width, samples.height} {}

template <typename T>
bool CellBox<T>::any_lost(const Rect& cells) const {
  return count_lost(lost_.part(cells)) > 0;
}

template <typename T>
bool CellBox<T>::all_lost(const Rect& cells) const {
  return count_lost(lost_.part(cells)) == cells.width * cells.height;
}

template <typename T>
Rect CellBox<T>::picture_in(int x, int y) const {
  return intersection({x * kCell, y * kCell, kCell, kCell}, picture_);
}

template <typename T>
Image<int16_t> CellBox<T>::pixels(int channel, const Rect& cells) const {
  Image<int16_t> plane(cells.width * kCell, cells.height * kCell, 1);
  const ptrdiff_t step = samples_.channels;
  for (int y = cells.y; y < cells.bottom(); ++y) {
    for (int x = cells.x; x < cells.right(); ++x) {
      if (is_lost(x, y)) continue;
      const Rect own = picture_in(x, y);
      for (int v = own.y; v < own.bottom(); ++v) {
        const T* in = sample(channel, own.x, v);
        int16_t* out = plane.view().at(own.x - cells.x * kCell, v - cells.y * kCell);
        for (int u = 0; u < own.width; ++u) out[u] = static_cast<int16_t>(in[u * step] << fraction_bits<T>());
      }
    }
  }
  return plane;
}

template <typename T>
Image<int16_t> CellBox<T>::means(const Image<int16_t>& pixels, int log2_scale) {
  const int side = 1 << log2_scale;
  Image<int16_t> result(pixels.width() >> log2_scale, pixels.height() >> log2_scale, 1);
  Vector<int32_t> sums(pixels.width());
  for (int y = 0; y < result.height(); ++y) {
    std::fill(sums.begin(), sums.end(), 0);
    for (int v = 0; v < side; ++v) {
      const int16_t* in = pixels.view().row(y * side + v);
      for (int x = 0; x < pixels.width(); ++x) sums[x] += in[x];
    }
    int16_t* out = result.view().row(y);
    for (int x = 0; x < result.width(); ++x) {
      int32_t total = 0;
      for (int u = 0; u < side; ++u) total += sums[x * side + u];
      out[x] = static_cast<int16_t>(total >> 2 * log2_scale);
    }
  }
  return result;
}

template <typename T>
Image<int16_t> CellBox<T>::known(const Rect& cells, int log2_scale) const {
  const int scale = 1 << log2_scale, side = kCell >> log2_scale;
  Image<int16_t> mask(cells.width * side, cells.height * side, 1);
  for (int y = cells.y; y < cells.bottom(); ++y) {
    for (int x = cells.x; x < cells.right(); ++x) {
      if (is_lost(x, y)) continue;
      // Squares that lie in the picture with all of their pixels.
      const Rect own = picture_in(x, y);
      const int left = (own.x + scale - 1) >> log2_scale, right = own.right() >> log2_scale;
      const int top = (own.y + scale - 1) >> log2_scale, bottom = own.bottom() >> log2_scale;
      for (int v = top; v < bottom; ++v) {
        int16_t* out = mask.view().row(v - cells.y * side) - ptrdiff_t{cells.x} * side;
        if (left < right) std::fill(out + left, out + right, int16_t{-1});
      }
    }
  }
  return mask;
}

template <typename T>
Image<int16_t> CellBox<T>::coarse_means(int channel) const {
  Image<int16_t> means(lost_.width * kPreviewCell, lost_.height * kPreviewCell, 1);
  const ptrdiff_t step = samples_.channels;
  for (int y = 0; y < means.height(); ++y) {
    int16_t* out = means.view().row(y);
    for (int x = 0; x < means.width(); ++x) {
      if (is_lost(x / kPreviewCell, y / kPreviewCell)) continue;
      const Rect own = intersection({x * kCoarse, y * kCoarse, kCoarse, kCoarse}, picture_);
      if (own.empty()) continue;
      int32_t total = 0;
      for (int v = own.y; v < own.bottom(); ++v) {
        const T* in = sample(channel, own.x, v);
        for (int u = 0; u < own.width; ++u) total += in[u * step];
      }
      const int count = own.width * own.height;
      out[x] = static_cast<int16_t>(((total << fraction_bits<T>()) + count / 2) / count);
    }
  }
  return means;
}

template <typename T>
Image<int16_t> CellBox<T>::coarse_known() const {
  Image<int16_t> mask(lost_.width * kPreviewCell, lost_.height * kPreviewCell, 1);
  for (int y = 0; y < mask.height(); ++y) {
    int16_t* out = mask.view().row(y);
    for (int x = 0; x < mask.width(); ++x) {
      const bool in_picture = !intersection({x * kCoarse, y * kCoarse, kCoarse, kCoarse}, picture_).empty();
      out[x] = static_cast<int16_t>(in_picture && !is_lost(x / kPreviewCell, y / kPreviewCell) ? -1 : 0);
    }
  }
  return mask;
}

template <typename T>
void CellBox<T>::store(int channel, const Rect& cells, const Rect& wide, const View<const int16_t>& values) const {
  const ptrdiff_t step = samples_.channels;
  for (int y = cells.y; y < cells.bottom(); ++y) {
    for (int x = cells.x; x < cells.right(); ++x) {
      if (!is_lost(x, y)) continue;
      const Rect own = picture_in(x, y);
      for (int v = own.y; v < own.bottom(); ++v) {
        const int16_t* in = values.at(own.x - wide.x * kCell, v - wide.y * kCell);
        T* out = sample(channel, own.x, v);
        for (int u = 0; u < own.width; ++u) out[u * step] = rounded<T>(in[u]);
      }
    }
  }
}

template class CellBox<uint8_t>;
template class CellBox<int16_t>;

}  // namespace veneer
