// Python interface of enhancement that needs networks: for the encoder, for JPEGs that are restored, and for tests.
//
// Place: part of veneer._native. Pictures may be parts of others: rows are further apart than they are long.
#include <array>

#include "bindings/bound_model.h"
#include "bindings/enhance_arrays.h"
#include "bindings/without_gil.h"
#include "common/team.h"
#include "enhance/enc_analysis.h"
#include "enhance/layer.h"
#include "enhance/synthesis.h"
#include "enhance/texture.h"

namespace py = pybind11;

namespace veneer {
namespace {

using namespace enhance_arrays;
using Settings = std::array<int16_t, 4>;
using BaseArrays =
    std::tuple<Array<int16_t>, Array<uint8_t>, Array<uint8_t>, Settings, int, std::optional<Array<int16_t>>>;
using PartArrays =
    std::tuple<Array<int16_t>, Array<uint8_t>, Array<uint8_t>, Array<uint8_t>, Settings, int, int, uint32_t>;

BasePicture base_of(const BaseArrays& arrays) {
  const auto& [quarters, maps, steps, settings, scale, interpolated] = arrays;
  BasePicture base{view_of(quarters), view_of(maps), view_of(steps), {}, scale, view_of(interpolated)};
  std::copy(settings.begin(), settings.end(), base.settings);
  return base;
}

// What work(runner) gives, without Python's lock.
template <typename Work>
auto in_team(int threads, const Work& work) {
  decltype(work(std::declval<Runner&>())) result;
  without_gil([&] {
    Team team(threads);
    result = work(team);
  });
  return result;
}

py::object name_of(const ModelNetwork* network) {
  return network == nullptr ? py::object(py::none()) : py::str(network->name());
}

py::object latents_of(const BoundNetworks& bound) {
  const Shape& shape = bound.networks.latents;
  return bound.networks.has_latents() ? py::object(py::make_tuple(shape.channels, shape.reduction)) : py::none();
}

py::object analysed(const BoundNetworks& bound, const BaseArrays& arrays, const Array<uint8_t>& original, int threads) {
  const ModelNetwork* analysis = analysis_network(*bound.model, bound.networks);
  if (analysis == nullptr) throw py::value_error("there is no latent_analysis");
  const BasePicture base = base_of(arrays);
  const View<const uint8_t> pixels = view_of(original);
  if (pixels.width != base.width() || pixels.height != base.height()) throw py::value_error("original: another size");
  return array_of(
      in_team(threads, [&](Runner& runner) { return analyse(*analysis, bound.networks, base, pixels, runner); }));
}

py::object indices(const BoundNetworks& bound, const BaseArrays& tile, int threads) {
  if (!bound.networks.has_latents()) throw py::value_error("there are no latents");
  const BasePicture base = base_of(tile);
  return array_of(in_team(threads, [&](Runner& runner) { return distribution_indices(bound.networks, base, runner); }));
}

py::tuple decoded(const BoundNetworks& bound, const BaseArrays& arrays,
                  const std::vector<std::tuple<Box, int, py::bytes, bool>>& tiles, int threads) {
  std::vector<PlacedTile> placed;
  for (const auto& [box, strength, data, filtered] : tiles) {
    placed.push_back({rect_of(box), {strength, bytes_of(data), filtered}});
  }
  const BasePicture base = base_of(arrays);
  DecodedEnhancement found = in_team(threads, [&](Runner& runner) {
    return decode_enhancement(bound.networks, base, {placed.data(), placed.size()}, runner);
  });
  py::list filters;
  for (const PlacedFilters& each : found.filters) {
    filters.append(py::make_tuple(box_of(each.box), described(each.filters)));
  }
  py::object y = found.y.empty() ? py::object(py::none()) : array_of(std::move(found.y));
  return py::make_tuple(y, plane_of(std::move(found.strengths)), filters, list_of(found.damaged));
}

py::object synthesized(const BoundNetworks& bound, const BaseArrays& arrays, const std::optional<Array<int16_t>>& y,
                       const Array<uint8_t>& strengths, int realism, int threads, int max_columns) {
  const BasePicture base = base_of(arrays);
  const View<const int16_t> latents = view_of(y);
  const View<const uint8_t> shares = view_of(strengths);
  return array_of(in_team(threads, [&](Runner& runner) {
    return synthesize(bound.networks, base, latents, shares, realism, runner, max_columns);
  }));
}

const ModelNetwork& texture_of(const BoundModel& bound) {
  const ModelNetwork* texture = bound.model->find("texture");
  if (texture == nullptr) throw py::value_error("there is no texture");
  return *texture;
}

py::object textured(const BoundModel& bound, const PartArrays& arrays, int realism, int threads, int max_columns) {
  const auto& [picture, maps, steps, missing, settings, x, y, seed] = arrays;
  EnhancedPart part{view_of(picture), view_of(maps), view_of(steps), view_of(missing), {}, x, y, seed};
  std::copy(settings.begin(), settings.end(), part.settings);
  const ModelNetwork& texture = texture_of(bound);
  return array_of(in_team(threads, [&](Runner& runner) {
    const Rect all = part.picture.size();
    Image<int16_t> made(all.width, all.height, part.picture.channels);
    if (realism > 0) {
      add_texture(texture, part, all, realism, made.view(), runner, max_columns);
    } else {
      copy_rows(part.picture, made.view());
      fill_with_texture(texture, part, all, made.view(), runner, max_columns);
    }
    return made;
  }));
}

}  // namespace

void bind_enhance_parts(py::module_& m);

void bind_enhance(py::module_& m) {
  using py::arg;
  py::class_<BoundNetworks>(m, "Networks")
      .def_property_readonly("latents", &latents_of)
      .def_property_readonly("alignment", [](const BoundNetworks& bound) { return bound.networks.alignment; })
      .def_property_readonly("restore", [](const BoundNetworks& bound) { return name_of(bound.networks.restore); })
      .def_property_readonly("latent_prior",
                             [](const BoundNetworks& bound) { return name_of(bound.networks.latent_prior); })
      .def_property_readonly(
          "latent_analysis",
          [](const BoundNetworks& bound) { return name_of(analysis_network(*bound.model, bound.networks)); })
      .def_property_readonly("texture", [](const BoundNetworks& bound) { return name_of(bound.networks.texture); })
      .def_property_readonly(
          "takes_strength",
          [](const BoundNetworks& bound) { return bound.networks.restore->find_input("strength") != nullptr; })
      .def("analyse", &analysed, arg("base"), arg("original"), arg("threads"))
      .def("latent_indices", &indices, arg("tile"), arg("threads"))
      .def("decode", &decoded, arg("base"), arg("tiles"), arg("threads"))
      .def("synthesize", &synthesized, arg("base"), arg("y"), arg("strengths"), arg("realism"), arg("threads"),
           arg("max_columns") = kMaxColumns)
      .def(
          "visible_part",
          [](const BoundNetworks& bound, const Box& region, int width, int height) {
            return box_of(visible_part(bound.networks, rect_of(region), width, height));
          },
          arg("region"), arg("width"), arg("height"));
  m.def("add_texture", &textured, arg("model"), arg("part"), arg("realism"), arg("threads"),
        arg("max_columns") = kMaxColumns);
  m.def(
      "visible_texture_part",
      [](const BoundModel& bound, const Box& region, int width, int height) {
        return box_of(visible_texture_part(texture_of(bound), rect_of(region), width, height));
      },
      arg("model"), arg("region"), arg("width"), arg("height"));
  bind_enhance_parts(m);
}

}  // namespace veneer
