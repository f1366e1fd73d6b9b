// Python interface of what makes pictures of a base layer, for the encoder, training and tests.
#include <pybind11/functional.h>
#include <pybind11/pybind11.h>
#include <pybind11/stl.h>

#include "bindings/coded_tiles.h"
#include "bindings/views.h"
#include "bindings/without_gil.h"
#include "common/team.h"
#include "picture/concealment.h"
#include "picture/interpolation.h"
#include "picture/preview.h"

namespace py = pybind11;

namespace veneer {
namespace {

using Preview = std::optional<std::function<std::optional<Dense<uint8_t>>()>>;

// Asks Python for a preview, with its lock; what it raises is passed on.
class AskedPreview {
 public:
  explicit AskedPreview(const Preview& preview) : preview_(preview) {}
  const Image<uint8_t>* operator()() {
    const py::gil_scoped_acquire lock;
    const std::optional<Dense<uint8_t>> array = (*preview_)();
    if (!array) return nullptr;
    const View<const uint8_t> view = view_of(*array);
    image_ = Image<uint8_t>(view.width, view.height, view.channels);
    copy_rows(view, image_.view());
    return &image_;
  }

 private:
  const Preview& preview_;
  Image<uint8_t> image_;
};

py::tuple decode_base_filled(const Payloads& colour, const Payloads& alpha, int width, int height, int channels,
                             int tile_log2, const std::string& params, const Region& region, int threads, int cut_tile,
                             const Preview& preview) {
  const CodedTiles tiles(colour, alpha, width, height, channels, tile_log2, params, cut_tile, true);
  const Rect box = checked_region(region, width, height);
  py::array_t<uint8_t> out({box.height, box.width, channels});
  const View<uint8_t> pixels = view_of(out);
  std::vector<int> status(colour.size());
  AskedPreview asked(preview);
  const PreviewSource source(asked);
  CodedBase base = tiles.base();
  if (preview) base.preview = &source;
  without_gil([&] {
    Team team(std::min(threads, base.grid.count()));
    decode_base(base, box, team, pixels, {status.data(), status.size()});
  });
  return py::make_tuple(out, status);
}

py::tuple decode_quarters_filled(const Payloads& colour, int width, int height, int channels, int tile_log2,
                                 const std::string& params, int threads, int cut_tile, const Preview& preview) {
  const CodedTiles tiles(colour, {}, width, height, channels, tile_log2, params, cut_tile);
  AskedPreview asked(preview);
  const PreviewSource source(asked);
  CodedBase base = tiles.base();
  if (preview) base.preview = &source;
  BaseDecoding decoding;
  without_gil([&] {
    Team team(std::min(threads, tiles.base().grid.count()));
    decoding = decode_base_quarters(base, team);
  });
  return py::make_tuple(array_of(decoding.quarters.view()), array_of(decoding.maps.view()),
                        plane_of(decoding.steps.view()), list_of(decoding.status), plane_of(decoding.lost.view()));
}

// Returns samples with what is lost filled in; lost: [rows, columns].
template <typename T>
py::array_t<T> conceal_copy(const Dense<T>& samples, const Dense<uint8_t>& lost, std::pair<int, int> origin,
                            const std::optional<Dense<uint8_t>>& preview, int first_channel, int channels) {
  py::array_t<T> result = array_of(view_of(samples));
  const int rows = static_cast<int>(lost.shape(0)), columns = static_cast<int>(lost.shape(1));
  Hole hole;
  hole.lost = {lost.data(), columns, rows, 1, columns};
  std::tie(hole.origin_x, hole.origin_y) = origin;
  if (preview) hole.preview = view_of(*preview);
  conceal(view_of(result), first_channel, channels, hole);
  return result;
}

py::array_t<uint8_t> enlarge_picture(const Dense<uint8_t>& small, const Region& region, int scale, int threads) {
  const auto [x, y, w, h] = region;
  py::array_t<uint8_t> out({h, w, static_cast<int>(small.shape(2))});
  Team team(threads);
  enlarge(view_of(small), {x, y, w, h}, scale, team, view_of(out));
  return out;
}

}  // namespace

void bind_picture(py::module_& m) {
  using py::arg;
  m.def("decode_base_filled", &decode_base_filled, arg("colour_tiles"), arg("alpha_tiles"), py::kw_only(), arg("width"),
        arg("height"), arg("channels"), arg("tile_log2"), arg("params"), arg("region"), arg("threads"),
        arg("cut_tile") = -1, arg("preview") = py::none());
  m.def("decode_quarters_filled", &decode_quarters_filled, arg("colour_tiles"), py::kw_only(), arg("width"),
        arg("height"), arg("channels"), arg("tile_log2"), arg("params"), arg("threads"), arg("cut_tile") = -1,
        arg("preview") = py::none());
  m.def("conceal_levels", &conceal_copy<uint8_t>, arg("samples"), arg("lost"), arg("origin"), arg("preview"),
        arg("first_channel"), arg("channels"));
  m.def("conceal_quarters", &conceal_copy<int16_t>, arg("samples"), arg("lost"), arg("origin"), arg("preview"),
        arg("first_channel"), arg("channels"));
  m.def(
      "interpolate",
      [](const Dense<int16_t>& quarters, int threads) {
        Image<int16_t> doubled;
        without_gil([&] {
          Team team(threads);
          doubled = interpolate(view_of(quarters), team);
        });
        return array_of(std::move(doubled));
      },
      arg("quarters"), arg("threads") = 1);
  m.def(
      "quarters_to_pixels",
      [](const Dense<int16_t>& quarters, py::array_t<uint8_t, py::array::c_style> pixels) {
        quarters_to_pixels(view_of(quarters), view_of(pixels));
        return pixels;
      },
      arg("quarters"), arg("pixels"));
  m.def(
      "reduce_picture",
      [](const Dense<uint8_t>& pixels, int scale, int threads) {
        Team team(threads);
        return array_of(reduce_picture(view_of(pixels), scale, team).view());
      },
      arg("pixels"), arg("scale"), arg("threads") = 1);
  m.def("enlarge_picture", &enlarge_picture, arg("small"), arg("region"), arg("scale"), arg("threads") = 1);
  m.def(
      "decode_preview",
      [](const std::string& params, const std::string& colour, const std::string& alpha, int width, int height,
         int channels, int threads) {
        Team team(threads);
        const PreviewCode code{checked_params(params), bytes_of(colour), bytes_of(alpha)};
        return array_of(decode_preview(code, width, height, channels, team).view());
      },
      arg("params"), arg("colour"), arg("alpha"), py::kw_only(), arg("width"), arg("height"), arg("channels"),
      arg("threads") = 1);
  m.def("covering_region", [](const Region& region) {
    const auto [x, y, w, h] = region;
    const Rect box = covering_region({x, y, w, h});
    return Region(box.x, box.y, box.width, box.height);
  });
  m.def("preview_tile_log2", &preview_tile_log2);
}

}  // namespace veneer
