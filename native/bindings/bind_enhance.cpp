// Python interface of the enhancement that the decoder in C++ has, for tests: what needs networks.
//
// Place: part of veneer._native. Pictures may be parts of others: rows are further apart than they are long.
#include <array>

#include "bindings/enhance_arrays.h"
#include "common/team.h"
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

// The networks of a model for a Base_Scale.
class Enhancer {
 public:
  Enhancer(const py::bytes& data, int scale)
      : model_(read_model(bytes_of(data))), networks_(networks_of(*model_, scale).value()) {}

  py::tuple decode(const BaseArrays& base, const std::vector<std::tuple<Box, int, py::bytes, bool>>& tiles,
                   int threads) const {
    std::vector<PlacedTile> placed;
    for (const auto& [box, strength, data, filtered] : tiles) {
      placed.push_back({rect_of(box), {strength, bytes_of(data), filtered}});
    }
    Team team(threads);
    const DecodedEnhancement decoded =
        decode_enhancement(networks_, base_of(base), {placed.data(), placed.size()}, team);
    py::list filters;
    for (const PlacedFilters& each : decoded.filters) {
      filters.append(py::make_tuple(box_of(each.box), described(each.filters)));
    }
    return py::make_tuple(array_of(decoded.y), array_of(decoded.strengths), filters,
                          std::vector<int>(decoded.damaged.begin(), decoded.damaged.end()));
  }

  py::object synthesized(const BaseArrays& base, const std::optional<Array<int16_t>>& y,
                         const Array<uint8_t>& strengths, int realism, int threads, int max_columns) const {
    Team team(threads);
    return array_of(synthesize(networks_, base_of(base), view_of(y), view_of(strengths), realism, team, max_columns));
  }

  py::object textured(const PartArrays& arrays, int realism, int threads, int max_columns) const {
    const auto& [picture, maps, steps, missing, settings, x, y, seed] = arrays;
    EnhancedPart part{view_of(picture), view_of(maps), view_of(steps), view_of(missing), {}, x, y, seed};
    std::copy(settings.begin(), settings.end(), part.settings);
    Team team(threads);
    return array_of(add_texture(*networks_.texture, part, realism, team, max_columns));
  }

  Box visible(const Box& region, int width, int height) const {
    return box_of(visible_part(networks_, rect_of(region), width, height));
  }
  Box visible_to_texture(const Box& region, int width, int height) const {
    return box_of(visible_texture_part(*networks_.texture, rect_of(region), width, height));
  }

 private:
  Owned<Model> model_;
  Networks networks_;
};

}  // namespace

void bind_enhance_parts(py::module_& m);

void bind_enhance(py::module_& m) {
  using py::arg;
  py::class_<Enhancer>(m, "Enhancer")
      .def(py::init<const py::bytes&, int>(), arg("model"), arg("scale"))
      .def("decode", &Enhancer::decode, arg("base"), arg("tiles"), arg("threads"))
      .def("synthesize", &Enhancer::synthesized, arg("base"), arg("y"), arg("strengths"), arg("realism"),
           arg("threads"), arg("max_columns") = kMaxColumns)
      .def("add_texture", &Enhancer::textured, arg("part"), arg("realism"), arg("threads"),
           arg("max_columns") = kMaxColumns)
      .def("visible_part", &Enhancer::visible, arg("region"), arg("width"), arg("height"))
      .def("visible_texture_part", &Enhancer::visible_to_texture, arg("region"), arg("width"), arg("height"));
  bind_enhance_parts(m);
}

}  // namespace veneer
