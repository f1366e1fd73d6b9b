// Python interface of restored JPEGs.
//
// Place: part of veneer._native; bind_jpeg_pixels.cpp has the class.
#include <iterator>
#include <vector>

#include "bindings/bound_model.h"
#include "bindings/jpeg_pictures.h"
#include "enhance/jpeg_losses.h"
#include "enhance/jpeg_restoration.h"
#include "enhance/synthesis.h"

namespace py = pybind11;

namespace veneer {
namespace {

using namespace jpeg_pictures;

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

// The same where the image is a part of a picture: `place` is the column and row of its first pixel, width and height of
// the whole, in whose pixels the region is.
py::object restored_part(const jpeg::Image& image, const BoundModel& bound, const Box& place, const Box& box,
                         int realism, uint32_t seed) {
  const JpegNetworks networks = networks_for(bound, realism);
  const Rect region = {box[0], box[1], box[2], box[3]};
  const Rect read = {region.x - place[0], region.y - place[1], region.width, region.height};
  return made(image, Box{read.x, read.y, read.width, read.height}, 1,
              [&](const Rect&, Runner& runner, const View<uint8_t>& out) {
                restore_jpeg_region(networks, image, {place[0], place[1], place[2], place[3]}, region, realism, seed,
                                    runner, out);
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

void bind_jpeg_restoration(py::module_& m, py::class_<jpeg::Image>& picture) {
  using py::arg;
  // Whether a model restores JPEGs, and textures them.
  m.def(
      "jpeg_networks",
      [](const BoundModel& bound) {
        const std::optional<JpegNetworks> networks = jpeg_networks_of(*bound.model);
        return py::make_tuple(networks.has_value(), networks && networks->texture != nullptr);
      },
      arg("model"));
  m.def(
      "visible_jpeg_part_at_most",
      [](const BoundModel& bound, int width, int height, const Box& box, int realism) {
        const Rect region = {box[0], box[1], box[2], box[3]};
        return tuple_of(visible_jpeg_part_at_most(networks_for(bound, realism), width, height, region, realism));
      },
      arg("model"), arg("width"), arg("height"), arg("region"), arg("realism") = 0);
  picture.def_property_readonly("can_be_restored", &can_restore)
      .def_property_readonly("strength", &strength)
      .def("maps", &maps, arg("pixels"), arg("threads") = 1)
      .def("restored", &restored, arg("model"), arg("region") = py::none(), arg("realism") = 0, arg("seed") = 0,
           arg("threads") = 1, arg("max_columns") = kMaxColumns, arg("band_pixels") = int64_t{1} << 24)
      .def("restored_part", &restored_part, arg("model"), arg("place"), arg("region"), arg("realism") = 0,
           arg("seed") = 0)
      .def("visible_part", &visible, arg("model"), arg("region"), arg("realism") = 0);
}

}  // namespace veneer
