// Python interface of the levels of JPEG files by themselves, for tests and experiments.
//
// Place: part of veneer._native_dev.
#include <pybind11/numpy.h>
#include <pybind11/pybind11.h>
#include <pybind11/stl.h>

#include <algorithm>
#include <array>
#include <string>
#include <vector>

#include "base/jpeg/enc_levels.h"
#include "base/jpeg/levels.h"
#include "bindings/dev/jpeg_levels.h"
#include "bindings/without_gil.h"

namespace py = pybind11;

namespace veneer {
namespace {

Owned<jpeg::Image> image_with_levels(const std::string& geometry) {
  auto image = image_of(geometry);
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

py::bytes jpeg_encode_levels(const std::string& geometry, const JpegLevels& levels, const Box& box, int form) {
  const auto image = image_of(geometry);
  set_levels(levels, image.get());
  const Rect mcus = checked_tile(*image, box);
  if (form != jpeg::kFastForm && form != jpeg::kFullForm) throw py::value_error("form: 0 or 1");
  Vector<uint8_t> coded;
  without_gil([&] { coded = jpeg::encode_levels(*image, mcus, form); });
  return python_bytes(coded);
}

py::object jpeg_decode_levels(const std::string& geometry, const std::string& data, const Box& box) {
  const auto image = image_with_levels(geometry);
  const Rect mcus = checked_tile(*image, box);
  bool good = false;
  without_gil([&] { good = jpeg::decode_levels(bytes_of(data), mcus, image.get()); });
  if (!good) return py::none();
  return levels_of(*image);
}

}  // namespace

void bind_jpeg_levels(py::module_& m) {
  m.def("jpeg_encode_levels", &jpeg_encode_levels, py::arg("geometry"), py::arg("levels"), py::arg("mcus"),
        py::kw_only(), py::arg("form") = 1);
  m.def("jpeg_decode_levels", &jpeg_decode_levels, py::arg("geometry"), py::arg("data"), py::arg("mcus"));
}

}  // namespace veneer
