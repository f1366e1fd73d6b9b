// Python interface of the base layer: whole pictures, threads over tiles.
#include <pybind11/numpy.h>
#include <pybind11/pybind11.h>
#include <pybind11/stl.h>

#include <atomic>
#include <numeric>

#include "base/enc_alpha.h"
#include "base/enc_alpha_fill.h"
#include "base/enc_colour.h"
#include "base/enc_screen.h"
#include "base/enc_tile.h"
#include "base/enlarge.h"
#include "bindings/coded_tiles.h"
#include "bindings/views.h"
#include "bindings/without_gil.h"
#include "common/team.h"
#include "picture/base_layer.h"

namespace py = pybind11;

namespace veneer {
namespace {

using Pixels = py::array_t<uint8_t, py::array::c_style | py::array::forcecast>;

struct Grid {
  int width, height, side, columns, rows;
  Grid(int w, int h, int log2_side)
      : width(w), height(h), side(1 << log2_side), columns((w + side - 1) / side), rows((h + side - 1) / side) {}
  int count() const { return columns * rows; }
  int x(int i) const { return i % columns * side; }
  int y(int i) const { return i / columns * side; }
  int w(int i) const { return std::min(side, width - x(i)); }
  int h(int i) const { return std::min(side, height - y(i)); }
};

py::list bytes_list(const std::vector<std::vector<uint8_t>>& payloads) {
  py::list list;
  for (const auto& p : payloads) list.append(py::bytes(reinterpret_cast<const char*>(p.data()), p.size()));
  return list;
}

const uint8_t* first_pixel(const Pixels& pixels, const Grid& grid, int tile) {
  return pixels.data() + (static_cast<ptrdiff_t>(grid.y(tile)) * grid.width + grid.x(tile)) * pixels.shape(2);
}

// The colours of a tile as they are to be coded: those that alpha hides are free.
void load_tile(const Pixels& pixels, const Grid& grid, int i, Tile* source) {
  const int channels = static_cast<int>(pixels.shape(2)), w = grid.w(i), h = grid.h(i);
  const ptrdiff_t row_bytes = static_cast<ptrdiff_t>(grid.width) * channels;
  const uint8_t* first = first_pixel(pixels, grid, i);
  std::vector<uint8_t> filled;
  if (channels % 2 == 0 && fill_hidden(first, row_bytes, channels, w, h, &filled)) {
    load_pixels(filled.data(), static_cast<ptrdiff_t>(w) * channels, channels, w, h, source);
  } else {
    load_pixels(first, row_bytes, channels, w, h, source);
  }
}

std::vector<uint8_t> encode_alpha_of(const Pixels& pixels, const Grid& grid, int i) {
  const int channels = static_cast<int>(pixels.shape(2));
  return encode_alpha(first_pixel(pixels, grid, i) + channels - 1, channels,
                      static_cast<ptrdiff_t>(grid.width) * channels, grid.w(i), grid.h(i));
}

// Base parameters, payloads of colour and of alpha; with_error: and the squared error of R, G and B, about.
py::tuple encode_base(const Pixels& pixels, int step_index, int tune, int effort, int tile_log2, int threads,
                      const std::map<std::string, int>& options, bool with_error) {
  if (pixels.ndim() != 3 || pixels.shape(2) < 1 || pixels.shape(2) > 4) throw py::value_error("pixels: [H, W, 1..4]");
  if (pixels.shape(0) < 1 || pixels.shape(1) < 1) throw py::value_error("pixels: empty");
  if (tile_log2 < 6 || tile_log2 > 16) throw py::value_error("tile_log2: 6..16");
  EncoderSettings settings = encoder_settings(effort, tune);
  for (const auto& [name, value] : options) {
    const std::map<std::string, int*> fields = {{"disabled_tools", &settings.disabled_tools},
                                                {"lambda_milli", &settings.lambda_milli},
                                                {"matrix", &settings.matrix},
                                                {"filters", &settings.filters},
                                                {"co_offset", &settings.chroma_offset[0]},
                                                {"cg_offset", &settings.chroma_offset[1]},
                                                {"step_group_log2", &settings.step_group_log2},
                                                {"masking_strength", &settings.masking.strength},
                                                {"masking_limit", &settings.masking.limit},
                                                {"masking_reference", &settings.masking.reference}};
    const auto field = fields.find(name);
    if (field != fields.end()) {
      *field->second = value;
    } else {
      throw py::value_error("unknown option " + name);
    }
  }
  const int channels = static_cast<int>(pixels.shape(2));
  const Grid grid(static_cast<int>(pixels.shape(1)), static_cast<int>(pixels.shape(0)), tile_log2);
  BaseParams params = choose_params(step_index, settings);
  const bool has_alpha = channels % 2 == 0;
  std::vector<std::vector<uint8_t>> tiles(grid.count()), alpha_tiles(has_alpha ? grid.count() : 0);
  std::vector<int64_t> errors(with_error ? grid.count() : 0);
  without_gil([&] {
    if (!(settings.disabled_tools & kNoScreen) &&
        looks_like_screen(pixels.data(), static_cast<ptrdiff_t>(grid.width) * channels, channels, grid.width,
                          grid.height)) {
      params.tools |= kToolScreen;
    }
    Team team(std::min(threads, grid.count()));
    run_parallel(team, grid.count(), [&](int i) {
      Tile source(grid.w(i), grid.h(i), channels >= 3, params);
      load_tile(pixels, grid, i, &source);
      if (has_alpha) alpha_tiles[i] = encode_alpha_of(pixels, grid, i);
      tiles[i] = encode_tile(source, settings, with_error ? &errors[i] : nullptr);
    });
  });
  uint8_t fields[kBaseParamsSize];
  write_base_params(params, fields);
  const py::bytes parameters(reinterpret_cast<const char*>(fields), sizeof fields);
  if (!with_error) return py::make_tuple(parameters, bytes_list(tiles), bytes_list(alpha_tiles));
  const int64_t error = std::accumulate(errors.begin(), errors.end(), int64_t{0});
  return py::make_tuple(parameters, bytes_list(tiles), bytes_list(alpha_tiles), error);
}

// Puts filters before tiles that were coded without: base parameters, payloads of colour, squared error as above.
py::tuple filter_base(const Pixels& pixels, const std::vector<std::string>& colour, const std::string& params_bytes,
                      int tune, int effort, int tile_log2, int threads) {
  const EncoderSettings settings = encoder_settings(effort, tune);
  const Grid grid(static_cast<int>(pixels.shape(1)), static_cast<int>(pixels.shape(0)), tile_log2);
  BaseParams params = checked_params(params_bytes);
  if (pixels.ndim() != 3 || static_cast<int>(colour.size()) != grid.count()) {
    throw py::value_error("colour_tiles: wrong count");
  }
  if (params.tools & kToolFilters) throw py::value_error("colour_tiles: filtered already");
  std::vector<std::vector<uint8_t>> tiles;
  for (const std::string& tile : colour) tiles.emplace_back(tile.begin(), tile.end());
  std::vector<int64_t> errors(grid.count());
  std::atomic<bool> whole{true};
  without_gil([&] {
    Team team(std::min(threads, grid.count()));
    run_parallel(team, grid.count(), [&](int i) {
      Tile source(grid.w(i), grid.h(i), pixels.shape(2) >= 3, params);
      load_tile(pixels, grid, i, &source);
      if (!filter_coded_tile(source, settings, &tiles[i], &errors[i])) whole = false;
    });
  });
  if (!whole) throw py::value_error("colour_tiles: damaged");
  params.tools |= kToolFilters;
  uint8_t fields[kBaseParamsSize];
  write_base_params(params, fields);
  return py::make_tuple(py::bytes(reinterpret_cast<const char*>(fields), sizeof fields), bytes_list(tiles),
                        std::accumulate(errors.begin(), errors.end(), int64_t{0}));
}

// A region of a picture, and the status of every tile; nothing is filled in.
py::tuple decode_base_of(const Payloads& colour, const Payloads& alpha, int width, int height, int channels,
                         int tile_log2, const std::string& params, const Region& region, int threads, int cut_tile) {
  const CodedTiles tiles(colour, alpha, width, height, channels, tile_log2, params, cut_tile, true);
  const Rect box = checked_region(region, width, height);
  py::array_t<uint8_t> out({box.height, box.width, channels});
  const View<uint8_t> pixels = view_of(out);
  std::vector<int> status(colour.size());
  without_gil([&] {
    Team team(std::min(threads, tiles.base().grid.count()));
    decode_tiles(tiles.base(), box, team, pixels, {status.data(), status.size()});
  });
  return py::make_tuple(out, status);
}

// The colour of a whole picture in quarters of a level, [height, width, 1 or 3]; maps [units, units, kMaps] and steps
// [units, units] of how it was coded; the status of every tile.
py::tuple decode_quarters(const Payloads& colour, int width, int height, int channels, int tile_log2,
                          const std::string& params, int threads, int cut_tile) {
  const CodedTiles tiles(colour, {}, width, height, channels, tile_log2, params, cut_tile);
  BaseDecoding decoding;
  without_gil([&] {
    Team team(std::min(threads, tiles.base().grid.count()));
    decoding = decode_quarter_tiles(tiles.base(), team);
  });
  return py::make_tuple(array_of(std::move(decoding.quarters)), array_of(std::move(decoding.maps)),
                        plane_of(std::move(decoding.steps)), list_of(decoding.status));
}

using Values = py::array_t<int16_t, py::array::c_style | py::array::forcecast>;

// [H, W, C] to [H << doublings, W << doublings, C].
Values enlarge_values(const Values& values, int doublings) {
  if (values.ndim() != 3 || values.shape(2) < 1 || values.shape(2) > 4) throw py::value_error("values: [H, W, 1..4]");
  if (values.shape(0) < 1 || values.shape(1) < 1 || values.shape(0) > 1 << 20 || values.shape(1) > 1 << 20) {
    throw py::value_error("values: rows and columns 1..2^20");
  }
  if (doublings < 1 || doublings > 3) throw py::value_error("doublings: 1..3");
  Image<int16_t> large;
  View<const int16_t> from = view_of(values);
  without_gil([&] {
    for (; doublings > 0; --doublings) {
      Image<int16_t> larger = enlarge(from);
      large = std::move(larger);
      from = large.view();
    }
  });
  return array_of(large.view());
}

}  // namespace

void bind_base(py::module_& m) {
  m.def("encode_base", &encode_base, py::arg("pixels"), py::kw_only(), py::arg("step_index"), py::arg("tune"),
        py::arg("effort"), py::arg("tile_log2"), py::arg("threads"), py::arg("options") = std::map<std::string, int>{},
        py::arg("with_error") = false);
  m.def("filter_base", &filter_base, py::arg("pixels"), py::arg("colour_tiles"), py::kw_only(), py::arg("params"),
        py::arg("tune"), py::arg("effort"), py::arg("tile_log2"), py::arg("threads"));
  m.def("decode_base", &decode_base_of, py::arg("colour_tiles"), py::arg("alpha_tiles"), py::kw_only(),
        py::arg("width"), py::arg("height"), py::arg("channels"), py::arg("tile_log2"), py::arg("params"),
        py::arg("region"), py::arg("threads"), py::arg("cut_tile") = -1);
  m.def("decode_quarters", &decode_quarters, py::arg("colour_tiles"), py::kw_only(), py::arg("width"),
        py::arg("height"), py::arg("channels"), py::arg("tile_log2"), py::arg("params"), py::arg("threads"),
        py::arg("cut_tile") = -1);
  m.def("enlarge", &enlarge_values, py::arg("values"), py::arg("doublings"));
}

}  // namespace veneer
