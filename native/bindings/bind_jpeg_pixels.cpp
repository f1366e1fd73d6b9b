// Python interface of the pixels of a JPEG, decoded and restored.
//
// Place: part of veneer._native.
#include <pybind11/numpy.h>
#include <pybind11/pybind11.h>
#include <pybind11/stl.h>

#include <algorithm>
#include <array>
#include <iterator>
#include <memory>
#include <optional>
#include <string>
#include <tuple>
#include <vector>

#include "base/jpeg/enc_read_picture.h"
#include "base/jpeg/pixels.h"
#include "bindings/bound_model.h"
#include "bindings/views.h"
#include "bindings/without_gil.h"
#include "common/team.h"
#include "enhance/jpeg_losses.h"
#include "enhance/jpeg_restoration.h"
#include "enhance/synthesis.h"

namespace py = pybind11;

namespace veneer {
namespace {

using Box = std::array<int, 4>;

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
  const Bytes file = {reinterpret_cast<const uint8_t*>(data.data()), data.size()};
  without_gil([&] { jpeg::read_picture(file, max_pixels, image.get()); });
  return image;
}

Rect checked_region(const jpeg::Image& image, const std::optional<Box>& box) {
  const Rect all = {0, 0, image.width, image.height};
  if (!box) return all;
  const Rect region = {(*box)[0], (*box)[1], (*box)[2], (*box)[3]};
  if (region.x < 0 || region.y < 0 || region.empty() || region.width > image.width - region.x ||
      region.height > image.height - region.y) {
    throw py::value_error("region: not within the picture");
  }
  return region;
}

py::tuple tuple_of(const Rect& box) { return py::make_tuple(box.x, box.y, box.width, box.height); }

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

py::object pixels(const jpeg::Image& image, const std::optional<Box>& box, int threads) {
  return made(image, box, threads, [&](const Rect& region, Runner& runner, const View<uint8_t>& out) {
    jpeg::decode_pixels(image, region, runner, out);
  });
}

JpegNetworks networks_for(const BoundModel& bound, int realism) {
  const std::optional<JpegNetworks> networks = jpeg_networks_of(*bound.model);
  if (!networks || (realism > 0 && networks->texture == nullptr)) throw py::value_error("model: lacks a network");
  if (realism < 0 || realism > kMaxRealism) throw py::value_error("realism: 0..64");
  return *networks;
}

py::object restored(const jpeg::Image& image, const BoundModel& bound, const std::optional<Box>& box, int realism,
                    uint32_t seed, int threads, int max_columns, int64_t band_pixels) {
  const JpegNetworks networks = networks_for(bound, realism);
  if (!can_restore(image)) throw py::value_error("this JPEG cannot be restored");
  return made(image, box, threads, [&](const Rect& region, Runner& runner, const View<uint8_t>& out) {
    restore_jpeg_region(networks, image, region, realism, seed, runner, out, max_columns, band_pixels);
  });
}

py::tuple visible(const jpeg::Image& image, const BoundModel& bound, const Box& box, int realism) {
  const Rect part = visible_jpeg_part(networks_for(bound, realism), image, checked_region(image, box), realism);
  return tuple_of(part);
}

py::object maps(const jpeg::Image& image, const Dense<uint8_t>& pixels, int threads) {
  const View<const uint8_t> view = view_of(pixels);
  if (view.empty() || (view.channels != 1 && view.channels != 3)) throw py::value_error("pixels: [H, W, 1 or 3]");
  Image<uint8_t> result;
  without_gil([&] {
    Team team(threads);
    result = jpeg_maps(view, coding_of(image), team);
  });
  return array_of(std::move(result));
}

py::tuple strength(const jpeg::Image& image) {
  const JpegStrength found = strength_of(coding_of(image));
  return py::make_tuple(found.step, std::vector<int>(std::begin(found.settings), std::end(found.settings)));
}

}  // namespace

void bind_jpeg_pixels(py::module_& m) {
  using py::arg;
  // Whether a model restores JPEGs, and textures them.
  m.def(
      "jpeg_networks",
      [](const BoundModel& bound) {
        const std::optional<JpegNetworks> networks = jpeg_networks_of(*bound.model);
        return py::make_tuple(networks.has_value(), networks && networks->texture != nullptr);
      },
      arg("model"));
  py::class_<jpeg::Image>(m, "JpegPicture")
      .def(py::init(&image_of), arg("width"), arg("height"), arg("components"), arg("tables"), arg("colour"))
      .def_property_readonly("can_be_restored", &can_restore)
      .def_property_readonly("strength", &strength)
      .def("maps", &maps, arg("pixels"), arg("threads") = 1)
      .def("restored", &restored, arg("model"), arg("region") = py::none(), arg("realism") = 0, arg("seed") = 0,
           arg("threads") = 1, arg("max_columns") = kMaxColumns, arg("band_pixels") = int64_t{1} << 24)
      .def("visible_part", &visible, arg("model"), arg("region"), arg("realism") = 0)
      .def_static("read", &read, arg("data"), arg("max_pixels"))
      .def_property_readonly("colour", [](const jpeg::Image& image) { return static_cast<int>(image.colour); })
      .def("pixels", &pixels, arg("region") = py::none(), arg("threads") = 1)
      .def(
          "mcus",
          [](const jpeg::Image& image, const Box& box) {
            return tuple_of(jpeg::mcus_of(image, checked_region(image, box)));
          },
          arg("region"));
}

}  // namespace veneer
