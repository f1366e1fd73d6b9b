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
#include "base/modular/enc_tile.h"
#include "bindings/coded_tiles.h"
#include "bindings/views.h"
#include "bindings/without_gil.h"
#include "common/team.h"
#include "picture/base_layer.h"

namespace py = pybind11;

namespace veneer {
namespace {

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

// The picture to encode, [H, W, C]: uint8, or uint16 where a sample has more than 8 bits.
class Source {
 public:
  Source(const py::array& pixels, int depth, int tile_log2) : pixels_(pixels), depth_(depth) {
    const bool fits = depth == 8 ? py::isinstance<py::array_t<uint8_t>>(pixels)
                                 : py::isinstance<py::array_t<uint16_t>>(pixels) && depth > 8 && depth <= 16;
    if (!fits) throw py::value_error("pixels: uint8 of 8 bits, or uint16 of 9..16");
    if (pixels.ndim() != 3 || pixels.shape(2) < 1 || pixels.shape(2) > 4) throw py::value_error("pixels: [H, W, 1..4]");
    if (!(pixels.flags() & py::array::c_style)) throw py::value_error("pixels: not contiguous");
    if (pixels.shape(0) < 1 || pixels.shape(1) < 1) throw py::value_error("pixels: empty");
    if (tile_log2 < 6 || tile_log2 > 16) throw py::value_error("tile_log2: 6..16");
    grid_ = Grid(static_cast<int>(pixels.shape(1)), static_cast<int>(pixels.shape(0)), tile_log2);
  }
  const Grid& grid() const { return grid_; }
  int channels() const { return static_cast<int>(pixels_.shape(2)); }
  bool colour() const { return channels() >= 3; }
  bool has_alpha() const { return channels() % 2 == 0; }
  int depth() const { return depth_; }

  bool like_screen() const {
    if (depth_ != 8) return false;  // there is none in deep pictures
    const View<const uint8_t> all = whole<uint8_t>();
    return looks_like_screen(all.data, all.stride, all.channels, all.width, all.height);
  }
  // The colours of a tile as they are to be coded: those that alpha hides are free.
  void load(int i, Tile* tile) const {
    if (depth_ == 8) {
      load_as<uint8_t>(i, tile);
    } else {
      load_as<uint16_t>(i, tile);
    }
  }
  std::vector<uint8_t> alpha(int i) const {
    if (depth_ == 8) {
      const View<const uint8_t> part = tile_of<uint8_t>(i);
      return encode_alpha(part.data + channels() - 1, channels(), part.stride, part.width, part.height);
    }
    const View<const uint16_t> part = tile_of<uint16_t>(i);
    Image<uint16_t> alpha(part.width, part.height, 1);
    for (int y = 0; y < part.height; ++y) {
      for (int x = 0; x < part.width; ++x) *alpha.view().at(x, y) = part.at(x, y)[channels() - 1];
    }
    modular::TileSettings settings;
    settings.depth = depth_;
    const Vector<uint8_t> data = modular::encode_tile(View<const uint16_t>(alpha.view()), settings);
    return {data.begin(), data.end()};
  }

 private:
  template <typename T>
  View<const T> whole() const {
    return {static_cast<const T*>(pixels_.data()), grid_.width, grid_.height, channels(),
            static_cast<ptrdiff_t>(grid_.width) * channels()};
  }
  template <typename T>
  View<const T> tile_of(int i) const {
    return whole<T>().part({grid_.x(i), grid_.y(i), grid_.w(i), grid_.h(i)});
  }
  template <typename T>
  void load_as(int i, Tile* tile) const {
    View<const T> part = tile_of<T>(i);
    Image<T> filled;
    if (has_alpha() && fill_hidden(part, depth_, &filled)) part = filled.view();
    load_pixels(part.data, part.stride, part.channels, part.width, part.height, tile);
  }

  py::array pixels_;
  int depth_;
  Grid grid_{1, 1, 6};
};

// Base parameters, payloads of colour and of alpha; with_error: and the squared error of R, G and B, about.
py::tuple encode_base(const py::array& pixels, int depth, int step_index, int tune, int effort, int tile_log2,
                      int threads, const std::map<std::string, int>& options, bool with_error) {
  const Source source(pixels, depth, tile_log2);
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
  const Grid& grid = source.grid();
  BaseParams params = choose_params(step_index, settings);
  params.depth = static_cast<uint8_t>(depth);
  std::vector<std::vector<uint8_t>> tiles(grid.count()), alpha_tiles(source.has_alpha() ? grid.count() : 0);
  std::vector<int64_t> errors(with_error ? grid.count() : 0);
  without_gil([&] {
    if (!(settings.disabled_tools & kNoScreen) && source.like_screen()) params.tools |= kToolScreen;
    Team team(std::min(threads, grid.count()));
    run_parallel(team, grid.count(), [&](int i) {
      Tile tile(grid.w(i), grid.h(i), source.colour(), params);
      source.load(i, &tile);
      if (source.has_alpha()) alpha_tiles[i] = source.alpha(i);
      tiles[i] = encode_tile(tile, settings, with_error ? &errors[i] : nullptr);
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
py::tuple filter_base(const py::array& pixels, const std::vector<std::string>& colour, const std::string& params_bytes,
                      int depth, int tune, int effort, int tile_log2, int threads) {
  const EncoderSettings settings = encoder_settings(effort, tune);
  const Source source(pixels, depth, tile_log2);
  const Grid& grid = source.grid();
  BaseParams params = checked_params(params_bytes);
  params.depth = static_cast<uint8_t>(depth);
  if (static_cast<int>(colour.size()) != grid.count()) throw py::value_error("colour_tiles: wrong count");
  if (params.tools & kToolFilters) throw py::value_error("colour_tiles: filtered already");
  std::vector<std::vector<uint8_t>> tiles;
  for (const std::string& tile : colour) tiles.emplace_back(tile.begin(), tile.end());
  std::vector<int64_t> errors(grid.count());
  std::atomic<bool> whole{true};
  without_gil([&] {
    Team team(std::min(threads, grid.count()));
    run_parallel(team, grid.count(), [&](int i) {
      Tile tile(grid.w(i), grid.h(i), source.colour(), params);
      source.load(i, &tile);
      if (!filter_coded_tile(tile, settings, &tiles[i], &errors[i])) whole = false;
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
                          const std::string& params, int depth, int threads, int cut_tile) {
  if (depth < 8 || depth > 16) throw py::value_error("depth: 8..16");
  const CodedTiles tiles(colour, {}, width, height, channels, tile_log2, params, cut_tile, false, depth);
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
  m.def("encode_base", &encode_base, py::arg("pixels"), py::kw_only(), py::arg("depth") = 8, py::arg("step_index"),
        py::arg("tune"), py::arg("effort"), py::arg("tile_log2"), py::arg("threads"),
        py::arg("options") = std::map<std::string, int>{}, py::arg("with_error") = false);
  m.def("filter_base", &filter_base, py::arg("pixels"), py::arg("colour_tiles"), py::kw_only(), py::arg("params"),
        py::arg("depth") = 8, py::arg("tune"), py::arg("effort"), py::arg("tile_log2"), py::arg("threads"));
  m.def("decode_base", &decode_base_of, py::arg("colour_tiles"), py::arg("alpha_tiles"), py::kw_only(),
        py::arg("width"), py::arg("height"), py::arg("channels"), py::arg("tile_log2"), py::arg("params"),
        py::arg("region"), py::arg("threads"), py::arg("cut_tile") = -1);
  m.def("decode_quarters", &decode_quarters, py::arg("colour_tiles"), py::kw_only(), py::arg("width"),
        py::arg("height"), py::arg("channels"), py::arg("tile_log2"), py::arg("params"), py::arg("depth") = 8,
        py::arg("threads"), py::arg("cut_tile") = -1);
  m.def("enlarge", &enlarge_values, py::arg("values"), py::arg("doublings"));
}

}  // namespace veneer
