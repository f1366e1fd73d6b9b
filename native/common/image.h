// Pictures: rows of interleaved samples, owning or as views.
#pragma once
#include <cstddef>
#include <cstdint>
#include <cstring>

#include "common/memory.h"
#include "common/rect.h"

namespace veneer {

// A view of a picture or of a part of one; it owns nothing.
template <typename T>
struct View {
  T* data = nullptr;
  int width = 0, height = 0, channels = 1;
  ptrdiff_t stride = 0;  // values from row to row

  View() = default;
  View(T* first, int w, int h, int c, ptrdiff_t values)
      : data(first), width(w), height(h), channels(c), stride(values) {}
  // A writable view converts to a read-only one.
  template <typename U>
  View(const View<U>& other)  // NOLINT: meant to be implicit
      : data(other.data), width(other.width), height(other.height), channels(other.channels), stride(other.stride) {}

  T* row(int y) const { return data + y * stride; }
  T* at(int x, int y) const { return row(y) + static_cast<ptrdiff_t>(x) * channels; }
  bool empty() const { return width <= 0 || height <= 0; }
  Rect size() const { return {0, 0, width, height}; }
  // `box` lies within the picture.
  View part(const Rect& box) const { return {at(box.x, box.y), box.width, box.height, channels, stride}; }
};

// A picture with its samples, row after row without gaps.
template <typename T>
class Image {
 public:
  Image() = default;
  Image(int width, int height, int channels, T value = T())
      : values_(static_cast<size_t>(width) * height * channels, value),
        width_(width),
        height_(height),
        channels_(channels) {}

  int width() const { return width_; }
  int height() const { return height_; }
  int channels() const { return channels_; }
  bool empty() const { return values_.empty(); }
  View<T> view() { return {values_.data(), width_, height_, channels_, stride()}; }
  View<const T> view() const { return {values_.data(), width_, height_, channels_, stride()}; }
  T* data() { return values_.data(); }
  const T* data() const { return values_.data(); }

 private:
  ptrdiff_t stride() const { return static_cast<ptrdiff_t>(width_) * channels_; }

  Vector<T> values_;
  int width_ = 0, height_ = 0, channels_ = 1;
};

// Copies a picture into another of the same size and channels.
template <typename T>
void copy_rows(const View<const T>& from, const View<T>& to) {
  for (int y = 0; y < from.height; ++y) {
    std::memcpy(to.row(y), from.row(y), sizeof(T) * from.width * from.channels);
  }
}

}  // namespace veneer
