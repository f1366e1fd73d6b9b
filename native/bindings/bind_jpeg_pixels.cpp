// Python interface of the pixels of a JPEG.
//
// Place: part of veneer._native.
#include <pybind11/numpy.h>
#include <pybind11/pybind11.h>
#include <pybind11/stl.h>

#include <algorithm>
#include <array>
#include <memory>
#include <optional>
#include <string>
#include <tuple>
#include <vector>

#include "base/jpeg/enc_read_picture.h"
#include "bindings/byte_strings.h"
#include "bindings/jpeg_pictures.h"
#include "bindings/without_gil.h"

namespace py = pybind11;

namespace veneer {
namespace {

using namespace jpeg_pictures;

// h, v, number of the quantization table, levels [rows of blocks, columns of blocks, 64].
using ComponentArrays = std::tuple<int, int, int, Dense<int16_t>>;

jpeg::Image image_of(int width, int height, const std::vector<ComponentArrays>& components,
                     const Dense<uint16_t>& tables, int colour) {
  jpeg::Image image;
  if (width < 1 || height < 1 || width > 65535 || height > 65535) throw py::value_error("size: 1..65535 pixels a side");
  if (components.empty() || components.size() > jpeg::kMaxComponents) throw py::value_error("components: 1..4");
  if (tables.ndim() != 2 || tables.shape(0) > 4 || tables.shape(1) != jpeg::kBlockSize) {
    throw py::value_error("tables: [up to 4, 64]");
  }
  image.width = width;
  image.height = height;
  image.count = static_cast<int>(components.size());
  image.colour = static_cast<jpeg::Colour>(colour);
  for (int i = 0; i < image.count; ++i) {
    jpeg::Component& c = image.component[i];
    c.h = std::get<0>(components[i]);
    c.v = std::get<1>(components[i]);
    c.table = std::get<2>(components[i]);
    if (c.h < 1 || c.h > 4 || c.v < 1 || c.v > 4) throw py::value_error("sampling: 1..4");
    if (c.table < 0 || c.table >= tables.shape(0)) throw py::value_error("table: there is none of this number");
  }
  jpeg::set_geometry(&image);
  for (int i = 0; i < image.count; ++i) {
    jpeg::Component& c = image.component[i];
    const Dense<int16_t>& levels = std::get<3>(components[i]);
    if (levels.ndim() != 3 || levels.shape(0) != c.blocks_h || levels.shape(1) != c.blocks_w ||
        levels.shape(2) != jpeg::kBlockSize) {
      throw py::value_error("levels: [blocks down, blocks across, 64], whole MCUs");
    }
    c.levels.assign(levels.data(), levels.data() + levels.size());
  }
  std::copy_n(tables.data(), tables.size(), &image.quantization[0][0]);
  return image;
}

std::unique_ptr<jpeg::Image> read(const std::string& data, int64_t max_pixels) {
  auto image = std::make_unique<jpeg::Image>();
  without_gil([&] { jpeg::read_picture(bytes_of(data), max_pixels, image.get()); });
  return image;
}

py::object pixels(const jpeg::Image& image, const std::optional<Box>& box, int threads) {
  return made(image, box, threads, [&](const Rect& region, Runner& runner, const View<uint8_t>& out) {
    jpeg::decode_pixels(image, region, runner, out);
  });
}

}  // namespace

void bind_jpeg_restoration(py::module_& m, py::class_<jpeg::Image>& picture);

void bind_jpeg_pixels(py::module_& m) {
  using py::arg;
  py::class_<jpeg::Image> picture(m, "JpegPicture");
  picture.def(py::init(&image_of), arg("width"), arg("height"), arg("components"), arg("tables"), arg("colour"))
      .def_static("read", &read, arg("data"), arg("max_pixels"))
      .def_property_readonly("colour", [](const jpeg::Image& image) { return static_cast<int>(image.colour); })
      .def("pixels", &pixels, arg("region") = py::none(), arg("threads") = 1)
      .def(
          "mcus",
          [](const jpeg::Image& image, const Box& box) {
            return tuple_of(jpeg::mcus_of(image, checked_region(image, box)));
          },
          arg("region"));
  bind_jpeg_restoration(m, picture);
}

}  // namespace veneer
