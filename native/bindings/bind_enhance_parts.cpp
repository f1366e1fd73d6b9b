// Python interface of enhancement that needs no networks: for the encoder, for training, and for tests.
//
// Place: part of veneer._native.
#include "bindings/enhance_arrays.h"
#include "bindings/without_gil.h"
#include "common/team.h"
#include "enhance/apply_filters.h"
#include "enhance/synthesis.h"
#include "enhance/texture.h"
#include "enhance/unrounded.h"

namespace py = pybind11;

namespace veneer {
namespace {

using namespace enhance_arrays;

// Filters and latents of a payload, None if it is invalid. `index` is None if there are no latents to read.
py::object read_tile(const py::bytes& data, int planes, const std::optional<Array<uint8_t>>& index) {
  const View<const uint8_t> indices = view_of(index);
  Image<int16_t> y(indices.width, indices.height, indices.channels, 1);
  TileFilters filters;
  const auto asked = [&] {
    Image<uint8_t> image(indices.width, indices.height, indices.channels);
    copy_rows(indices, image.view());
    return image;
  };
  const LatentIndices reference(asked);
  const bool found = read_filters(bytes_of(data), planes, index ? &reference : nullptr, y.view(), &filters);
  py::object latents = index ? py::object(array_of(std::move(y))) : py::none();
  return py::make_tuple(found ? py::cast(described(filters)) : py::object(py::none()), latents);
}

py::object read_tile_latents(const py::bytes& data, const Array<uint8_t>& index) {
  const View<const uint8_t> indices = view_of(index);
  Image<int16_t> y(indices.width, indices.height, indices.channels, 1);
  const bool found = read_latents(bytes_of(data), indices, y.view());
  return py::make_tuple(found, array_of(std::move(y)));
}

py::object filtered(const Array<int16_t>& enhanced, const Array<int16_t>& base,
                    const std::vector<std::pair<Box, Filters>>& tiles, int threads) {
  std::vector<PlacedFilters> placed;
  for (const auto& [box, filters] : tiles) placed.push_back({rect_of(box), filters_of(filters)});
  const View<const int16_t> from = view_of(enhanced), shown = view_of(base);
  Image<int16_t> picture(from.width, from.height, from.channels);
  without_gil([&] {
    copy_rows(from, picture.view());
    Team team(threads);
    apply_filters(&picture, shown, {placed.data(), placed.size()}, team);
  });
  return array_of(std::move(picture));
}

py::object noise_of(uint32_t seed, int u, int v, int width, int height, int threads) {
  Team team(threads);
  return array_of(make_noise(seed, u, v, width, height, team));
}

py::object pixels_of(const Array<int16_t>& picture, int channels) {
  Image<uint8_t> pixels(static_cast<int>(picture.shape(1)), static_cast<int>(picture.shape(0)), channels, 7);
  to_pixels(view_of(picture), pixels.view());
  return array_of(std::move(pixels));
}

}  // namespace

void bind_enhance_parts(py::module_& m) {
  using py::arg;
  m.def("read_filters", &read_tile, arg("data"), arg("planes"), arg("index"));
  m.def("read_latents", &read_tile_latents, arg("data"), arg("index"));
  m.def("apply_filters", &filtered, arg("enhanced"), arg("base"), arg("tiles"), arg("threads"));
  m.def("texture_noise", &noise_of, arg("seed"), arg("u"), arg("v"), arg("width"), arg("height"), arg("threads"));
  m.def("to_pixels", &pixels_of, arg("picture"), arg("channels"));
  m.def("from_quarters", [](const Array<int16_t>& quarters) { return array_of(from_quarters(view_of(quarters))); });
  m.def("in_full_size", [](const Array<uint8_t>& units, int scale, int width, int height) {
    return array_of(in_full_size(view_of(units), scale, width, height));
  });
  m.def("realism_from_head", &realism_from_head);
  m.def("realism_from_share", &realism_from_share);
}

}  // namespace veneer
