// What bindings of JPEG pictures have in common: regions, and pixels of them.
#pragma once
#include <pybind11/numpy.h>
#include <pybind11/stl.h>

#include <array>
#include <optional>
#include <utility>

#include "base/jpeg/pixels.h"
#include "bindings/views.h"
#include "bindings/without_gil.h"
#include "common/team.h"

namespace veneer::jpeg_pictures {

namespace py = pybind11;
using Box = std::array<int, 4>;

inline Rect checked_region(const jpeg::Image& image, const std::optional<Box>& box) {
  const Rect all = {0, 0, image.width, image.height};
  if (!box) return all;
  const Rect region = {(*box)[0], (*box)[1], (*box)[2], (*box)[3]};
  if (region.x < 0 || region.y < 0 || region.empty() || region.width > image.width - region.x ||
      region.height > image.height - region.y) {
    throw py::value_error("region: not within the picture");
  }
  return region;
}

inline py::tuple tuple_of(const Rect& box) { return py::make_tuple(box.x, box.y, box.width, box.height); }

// The pixels that make(region, runner, out) gives of a region.
template <typename Make>
py::object made(const jpeg::Image& image, const std::optional<Box>& box, int threads, const Make& make) {
  const Rect region = checked_region(image, box);
  py::array_t<uint8_t> result({region.height, region.width, jpeg::channels_of(image)});
  const View<uint8_t> view = view_of(result);
  without_gil([&] {
    Team team(threads);
    make(region, team, view);
  });
  return std::move(result);
}

}  // namespace veneer::jpeg_pictures
