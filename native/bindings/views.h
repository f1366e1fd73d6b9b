// Arrays of NumPy as pictures, and pictures as arrays.
#pragma once
#include <pybind11/numpy.h>
#include <pybind11/stl.h>

#include <utility>
#include <vector>

#include "common/image.h"

namespace veneer {

template <typename T>
using Dense = pybind11::array_t<T, pybind11::array::c_style | pybind11::array::forcecast>;

// Of an array [H, W, C]; what is written to must be of its type already, as a copy would be written to else.
template <typename T, int kFlags>
View<T> view_of(pybind11::array_t<T, kFlags>& array) {
  const auto size = [&](int axis) { return static_cast<int>(array.shape(axis)); };
  if (array.ndim() != 3) throw pybind11::value_error("array: [H, W, C]");
  return {array.mutable_data(), size(1), size(0), size(2), array.shape(1) * array.shape(2)};
}
template <typename T>
View<const T> view_of(const Dense<T>& array) {
  const auto size = [&](int axis) { return static_cast<int>(array.shape(axis)); };
  if (array.ndim() != 3) throw pybind11::value_error("array: [H, W, C]");
  return {array.data(), size(1), size(0), size(2), array.shape(1) * array.shape(2)};
}

template <typename T>
pybind11::array_t<T> array_of(const View<const T>& view) {
  pybind11::array_t<T> array({view.height, view.width, view.channels});
  copy_rows(view, view_of(array));
  return array;
}
template <typename T>
pybind11::array_t<T> array_of(const View<T>& view) {
  return array_of(View<const T>(view));
}

// Takes a picture over, without a copy.
template <typename T>
pybind11::array_t<T> array_of(Image<T>&& image) {
  auto* kept = new Image<T>(std::move(image));
  const pybind11::capsule owner(kept, [](void* held) { delete static_cast<Image<T>*>(held); });
  return pybind11::array_t<T>({kept->height(), kept->width(), kept->channels()}, kept->data(), owner);
}

// A picture of one channel, [H, W].
template <typename T>
pybind11::array_t<T> plane_of(const View<T>& view) {
  return array_of(view).reshape({view.height, view.width});
}
template <typename T>
pybind11::array_t<T> plane_of(Image<T>&& image) {
  const int width = image.width(), height = image.height();
  return array_of(std::move(image)).reshape({height, width});
}

inline std::vector<int> list_of(const Vector<int>& values) { return {values.begin(), values.end()}; }

}  // namespace veneer
