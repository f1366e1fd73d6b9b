// Pictures and filters of the enhancement as Python has them.
#pragma once
#include <pybind11/numpy.h>
#include <pybind11/stl.h>

#include <algorithm>
#include <optional>
#include <string_view>
#include <tuple>
#include <utility>
#include <vector>

#include "bindings/byte_strings.h"
#include "bindings/views.h"
#include "common/image.h"
#include "common/span.h"
#include "enhance/latents.h"

namespace veneer::enhance_arrays {

namespace py = pybind11;

template <typename T>
using Array = py::array_t<T, 0>;  // of any strides
using Box = std::tuple<int, int, int, int>;
using Filters =
    std::pair<std::vector<std::pair<std::vector<int>, std::vector<std::vector<int>>>>, int>;  // planes, clip
inline Rect rect_of(const Box& box) {
  const auto [x, y, width, height] = box;
  return {x, y, width, height};
}
inline Box box_of(const Rect& rect) { return {rect.x, rect.y, rect.width, rect.height}; }

template <typename T>
View<const T> view_of(const Array<T>& array) {
  const int channels = array.ndim() == 3 ? static_cast<int>(array.shape(2)) : 1;
  // NumPy leaves open how far apart things are of which there is one.
  const auto follows = [&](int axis, py::ssize_t bytes) {
    return array.shape(axis) == 1 || array.strides(axis) == bytes;
  };
  const auto size = static_cast<py::ssize_t>(sizeof(T));
  if (array.ndim() < 2 || array.ndim() > 3 || !follows(1, size * channels) ||
      (array.ndim() == 3 && !follows(2, size))) {
    throw py::value_error("array: [H, W] or [H, W, C], its rows without gaps");
  }
  return {array.data(), static_cast<int>(array.shape(1)), static_cast<int>(array.shape(0)), channels,
          array.strides(0) / static_cast<ptrdiff_t>(sizeof(T))};
}
template <typename T>
View<const T> view_of(const std::optional<Array<T>>& array) {
  return array ? view_of(*array) : View<const T>();
}

inline Filters described(const TileFilters& tile) {
  Filters result;
  for (int p = 0; p < tile.planes; ++p) {
    const CodedPlaneFilters& plane = tile.plane[p];
    auto& [thresholds, coefficients] = result.first.emplace_back();
    for (int k = 0; k < plane.count; ++k) {
      if (k > 0) thresholds.push_back(plane.thresholds[k - 1]);
      coefficients.emplace_back(plane.coefficients[k], plane.coefficients[k] + (p == 0 ? 9 : kFilterTaps));
    }
  }
  result.second = tile.clip;
  return result;
}

inline TileFilters filters_of(const Filters& described) {
  TileFilters tile;
  tile.planes = static_cast<int>(described.first.size());
  tile.clip = described.second;
  for (int p = 0; p < tile.planes; ++p) {
    const auto& [thresholds, coefficients] = described.first.at(p);
    tile.plane[p].count = static_cast<int>(coefficients.size());
    std::copy(thresholds.begin(), thresholds.end(), tile.plane[p].thresholds);
    for (size_t k = 0; k < coefficients.size(); ++k) {
      std::copy(coefficients[k].begin(), coefficients[k].end(), tile.plane[p].coefficients[k]);
    }
  }
  return tile;
}

}  // namespace veneer::enhance_arrays
