// Python interface of the levels of JPEG files by themselves, for tests and experiments.
//
// Place: part of veneer._native.
#include <pybind11/numpy.h>
#include <pybind11/pybind11.h>
#include <pybind11/stl.h>

#include <algorithm>
#include <array>
#include <string>
#include <vector>

#include "base/jpeg/enc_levels.h"
#include "base/jpeg/geometry.h"
#include "base/jpeg/levels.h"
#include "bindings/views.h"
#include "bindings/without_gil.h"

namespace py = pybind11;

namespace veneer {
namespace {

Owned<jpeg::Image> image_of(const std::string& geometry) {
  auto image = make_owned<jpeg::Image>();
  if (!jpeg::decode_geometry({reinterpret_cast<const uint8_t*>(geometry.data()), geometry.size()}, image.get())) {
    throw py::value_error("geometry: invalid");
  }
  jpeg::allocate_levels(image.get());
  return image;
}

// x, y, width, height.
using Box = std::array<int, 4>;

Rect checked_tile(const jpeg::Image& image, const Box& box) {
  const Rect mcus = {box[0], box[1], box[2], box[3]};
  if (!jpeg::is_level_tile(image, mcus)) throw py::value_error("mcus: x, y, width, height within the picture");
  return mcus;
}

py::bytes jpeg_encode_levels(const std::string& geometry, const std::vector<Dense<int16_t>>& levels, const Box& box,
                             int form) {
  const auto image = image_of(geometry);
  if (levels.size() != static_cast<size_t>(image->count)) throw py::value_error("levels: an array for each component");
  for (int i = 0; i < image->count; ++i) {
    jpeg::Component& c = image->component[i];
    const Dense<int16_t>& array = levels[static_cast<size_t>(i)];
    if (static_cast<size_t>(array.size()) != c.levels.size()) throw py::value_error("levels: [blocks_h, blocks_w, 64]");
    c.levels.assign(array.data(), array.data() + array.size());
  }
  const Rect mcus = checked_tile(*image, box);
  if (form != jpeg::kFastForm && form != jpeg::kFullForm) throw py::value_error("form: 0 or 1");
  Vector<uint8_t> coded;
  without_gil([&] { coded = jpeg::encode_levels(*image, mcus, form); });
  return {reinterpret_cast<const char*>(coded.data()), coded.size()};
}

py::object jpeg_decode_levels(const std::string& geometry, const std::string& data, const Box& box) {
  const auto image = image_of(geometry);
  const Rect mcus = checked_tile(*image, box);
  bool good = false;
  without_gil([&] {
    good = jpeg::decode_levels({reinterpret_cast<const uint8_t*>(data.data()), data.size()}, mcus, image.get());
  });
  if (!good) return py::none();
  py::list levels;
  for (int i = 0; i < image->count; ++i) {
    const jpeg::Component& c = image->component[i];
    py::array_t<int16_t> array({c.blocks_h, c.blocks_w, jpeg::kBlockSize});
    std::copy(c.levels.begin(), c.levels.end(), array.mutable_data());
    levels.append(array);
  }
  return levels;
}

}  // namespace

void bind_jpeg_levels(py::module_& m) {
  m.def("jpeg_encode_levels", &jpeg_encode_levels, py::arg("geometry"), py::arg("levels"), py::arg("mcus"),
        py::kw_only(), py::arg("form") = 1);
  m.def("jpeg_decode_levels", &jpeg_decode_levels, py::arg("geometry"), py::arg("data"), py::arg("mcus"));
}

}  // namespace veneer
