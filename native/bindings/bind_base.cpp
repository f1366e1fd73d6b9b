// Python interface of the base layer: whole pictures, threads over tiles.
#include <pybind11/numpy.h>
#include <pybind11/pybind11.h>
#include <pybind11/stl.h>

#include <atomic>
#include <numeric>

#include "base/alpha.h"
#include "base/colour.h"
#include "base/enc_alpha.h"
#include "base/enc_alpha_fill.h"
#include "base/enc_colour.h"
#include "base/enc_screen.h"
#include "base/enc_tile.h"
#include "base/enc_trained_transform.h"
#include "base/enlarge.h"
#include "base/tile_decoder.h"
#include "base/trained_transform.h"
#include "base/warm_models.h"
#include "bindings/parallel.h"
#include "bindings/without_gil.h"

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

// What became of a tile; base/layer.py has the same numbers.
enum TileStatus {
  kOk,
  kMissing,
  kDamaged,
  kNotNeeded,
  kAlphaDamaged,
  kCut /* + number of superblocks that are known */
};

// Decodes the colour of a tile as far as `rows`, of a cut one as far as it goes. Returns the tile's status.
int decode_colour(const std::optional<std::string>& payload, bool cut, int rows, Tile* tile,
                  const TileMaps* maps = nullptr) {
  int status = kMissing, known = 0;
  if (maps) clear_maps(*tile, *maps);
  if (payload) {
    const auto* data = reinterpret_cast<const uint8_t*>(payload->data());
    if (cut) {
      known = decode_cut_tile(data, payload->size(), tile, maps);
      status = kCut + known;
    } else {
      status = decode_tile(data, payload->size(), rows, tile, maps) ? kOk : kDamaged;
    }
  }
  if (maps && status > kMissing) clear_maps(*tile, *maps, known);
  return status;
}

// Writes the rectangle (x, y, w, h) of a tile's alpha as the last of `channels` samples, opaque where the payload is
// missing or no payload; false then.
bool store_alpha(const std::optional<std::string>& payload, int tile_w, int tile_h, int x, int y, int w, int h,
                 int channels, uint8_t* pixels, ptrdiff_t row_bytes) {
  std::vector<uint8_t> plane(static_cast<size_t>(tile_w) * tile_h);
  const bool whole = payload && decode_alpha(reinterpret_cast<const uint8_t*>(payload->data()), payload->size(), tile_w,
                                             tile_h, plane.data(), 1, tile_w);
  if (!whole) std::fill(plane.begin(), plane.end(), uint8_t{255});
  for (int v = 0; v < h; ++v) {
    const uint8_t* in = plane.data() + static_cast<ptrdiff_t>(y + v) * tile_w + x;
    uint8_t* out = pixels + v * row_bytes + channels - 1;
    for (int u = 0; u < w; ++u) out[u * channels] = in[u];
  }
  return whole;
}

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
    run_parallel(grid.count(), threads, [&](int i) {
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

BaseParams checked_params(const std::string& bytes) {
  BaseParams params;
  if (bytes.size() != kBaseParamsSize || !parse_base_params(reinterpret_cast<const uint8_t*>(bytes.data()), &params)) {
    throw py::value_error("params: out of range");
  }
  return params;
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
    run_parallel(grid.count(), threads, [&](int i) {
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

py::tuple decode_base(const std::vector<std::optional<std::string>>& colour,
                      const std::vector<std::optional<std::string>>& alpha, int width, int height, int channels,
                      int tile_log2, const std::string& params_bytes, std::tuple<int, int, int, int> region,
                      int threads, int cut_tile) {
  const Grid grid(width, height, tile_log2);
  const BaseParams params = checked_params(params_bytes);
  if (static_cast<int>(colour.size()) != grid.count()) throw py::value_error("colour_tiles: wrong count");
  if (static_cast<int>(alpha.size()) != (channels % 2 == 0 ? grid.count() : 0)) {
    throw py::value_error("alpha_tiles: wrong count");
  }
  const auto [x0, y0, w, h] = region;
  if (x0 < 0 || y0 < 0 || w < 1 || h < 1 || x0 + w > width || y0 + h > height) throw py::value_error("region: outside");
  py::array_t<uint8_t> out({h, w, channels});
  uint8_t* pixels = out.mutable_data();
  std::vector<int> status(grid.count(), kNotNeeded);
  without_gil([&] {
    run_parallel(grid.count(), threads, [&, x0 = x0, y0 = y0, w = w, h = h](int i) {
      const int left = std::max(x0, grid.x(i)), top = std::max(y0, grid.y(i));
      const int right = std::min(x0 + w, grid.x(i) + grid.w(i)), bottom = std::min(y0 + h, grid.y(i) + grid.h(i));
      if (left >= right || top >= bottom) return;
      Tile tile(grid.w(i), grid.h(i), channels >= 3, params);
      const int x = left - grid.x(i), y = top - grid.y(i), columns = right - left, rows = bottom - top;
      status[i] = decode_colour(colour[i], i == cut_tile, y + rows, &tile);
      uint8_t* first = pixels + (static_cast<ptrdiff_t>(top - y0) * w + (left - x0)) * channels;
      const ptrdiff_t row_bytes = static_cast<ptrdiff_t>(w) * channels;
      store_pixels(tile, x, y, columns, rows, channels, first, row_bytes);
      if (channels % 2 == 0) {
        const bool whole = store_alpha(alpha[i], grid.w(i), grid.h(i), x, y, columns, rows, channels, first, row_bytes);
        if (!whole && alpha[i] && status[i] == kOk) status[i] = kAlphaDamaged;
      }
    });
  });
  return py::make_tuple(out, status);
}

// The colour of a whole picture in quarters of a level, [height, width, 1 or 3]; maps [units, units, kMaps] and steps
// [units, units] of how it was coded; the status of every tile.
py::tuple decode_quarters(const std::vector<std::optional<std::string>>& colour, int width, int height, int channels,
                          int tile_log2, const std::string& params_bytes, int threads, int cut_tile) {
  const Grid grid(width, height, tile_log2);
  const BaseParams params = checked_params(params_bytes);
  if (static_cast<int>(colour.size()) != grid.count()) throw py::value_error("colour_tiles: wrong count");
  const int planes = channels >= 3 ? 3 : 1;
  py::array_t<int16_t> out({height, width, planes});
  int16_t* values = out.mutable_data();
  const int units_w = (width + kUnit - 1) / kUnit, units_h = (height + kUnit - 1) / kUnit;
  py::array_t<uint8_t> maps({units_h, units_w, kMaps}), steps({units_h, units_w});
  uint8_t *map_values = maps.mutable_data(), *step_values = steps.mutable_data();
  std::vector<int> status(grid.count());
  without_gil([&] {
    run_parallel(grid.count(), threads, [&](int i) {
      Tile tile(grid.w(i), grid.h(i), channels >= 3, params);
      const ptrdiff_t first_unit = static_cast<ptrdiff_t>(grid.y(i) / kUnit) * units_w + grid.x(i) / kUnit;
      const TileMaps tile_maps = {map_values + first_unit * kMaps, step_values + first_unit, units_w};
      status[i] = decode_colour(colour[i], i == cut_tile, grid.h(i), &tile, &tile_maps);
      const ptrdiff_t row_values = static_cast<ptrdiff_t>(width) * planes;
      int16_t* first = values + grid.y(i) * row_values + static_cast<ptrdiff_t>(grid.x(i)) * planes;
      store_quarters(tile, 0, 0, grid.w(i), grid.h(i), first, row_values);
    });
  });
  return py::make_tuple(out, maps, steps, status);
}

using Values = py::array_t<int16_t, py::array::c_style | py::array::forcecast>;

// [H, W, C] to [H << doublings, W << doublings, C].
Values enlarge_values(const Values& values, int doublings) {
  if (values.ndim() != 3 || values.shape(2) < 1 || values.shape(2) > 4) throw py::value_error("values: [H, W, 1..4]");
  if (values.shape(0) < 1 || values.shape(1) < 1 || values.shape(0) > 1 << 20 || values.shape(1) > 1 << 20) {
    throw py::value_error("values: rows and columns 1..2^20");
  }
  if (doublings < 1 || doublings > 3) throw py::value_error("doublings: 1..3");
  int rows = static_cast<int>(values.shape(0)), columns = static_cast<int>(values.shape(1));
  const int channels = static_cast<int>(values.shape(2));
  std::vector<int16_t> large;
  const int16_t* from = values.data();
  without_gil([&] {
    for (; doublings > 0; --doublings, rows *= 2, columns *= 2) {
      std::vector<int16_t> larger = enlarge(from, rows, columns, channels);
      large = std::move(larger);
      from = large.data();
    }
  });
  Values out({rows, columns, channels});
  std::memcpy(out.mutable_data(), large.data(), large.size() * sizeof(int16_t));
  return out;
}

// Decisions under each model while encoding, [kModelCount, 2].
py::array_t<uint32_t> count_decisions(const Pixels& pixels, int step_index, int effort) {
  EncoderSettings settings = encoder_settings(effort, 0);
  const int channels = static_cast<int>(pixels.shape(2));
  std::vector<DecisionCounts> counts(kModelCount);
  settings.counts = counts.data();
  without_gil([&] {
    const int w = static_cast<int>(pixels.shape(1)), h = static_cast<int>(pixels.shape(0));
    Tile source(w, h, channels >= 3, choose_params(step_index, settings));
    load_pixels(pixels.data(), static_cast<ptrdiff_t>(w) * channels, channels, w, h, &source);
    encode_tile(source, settings);
  });
  py::array_t<uint32_t> out({kModelCount, 2});
  std::memcpy(out.mutable_data(), counts.data(), sizeof(DecisionCounts) * counts.size());
  return out;
}

}  // namespace

void bind_base(py::module_& m) {
  m.def("encode_base", &encode_base, py::arg("pixels"), py::kw_only(), py::arg("step_index"), py::arg("tune"),
        py::arg("effort"), py::arg("tile_log2"), py::arg("threads"), py::arg("options") = std::map<std::string, int>{},
        py::arg("with_error") = false);
  m.def("filter_base", &filter_base, py::arg("pixels"), py::arg("colour_tiles"), py::kw_only(), py::arg("params"),
        py::arg("tune"), py::arg("effort"), py::arg("tile_log2"), py::arg("threads"));
  m.def("decode_base", &decode_base, py::arg("colour_tiles"), py::arg("alpha_tiles"), py::kw_only(), py::arg("width"),
        py::arg("height"), py::arg("channels"), py::arg("tile_log2"), py::arg("params"), py::arg("region"),
        py::arg("threads"), py::arg("cut_tile") = -1);
  m.def("decode_quarters", &decode_quarters, py::arg("colour_tiles"), py::kw_only(), py::arg("width"),
        py::arg("height"), py::arg("channels"), py::arg("tile_log2"), py::arg("params"), py::arg("threads"),
        py::arg("cut_tile") = -1);
  m.def("enlarge", &enlarge_values, py::arg("values"), py::arg("doublings"));
  m.def("count_decisions", &count_decisions, py::arg("pixels"), py::kw_only(), py::arg("step_index"),
        py::arg("effort"));
  m.attr("model_count") = kModelCount;
  m.attr("warm_classes") = kWarmClasses;
  m.attr("warm_first") = std::vector<int>(kWarmFirst, kWarmFirst + kWarmClasses);
  m.def("trained_matrices", [] { return py::array_t<int8_t>({kTrainedClasses, 16, 16}, trained_matrices()); });
  m.def(
      "trained_inverse",
      [](const py::array_t<int16_t, py::array::c_style | py::array::forcecast>& coded, int mode) {
        if (coded.size() != 16 || mode < 0 || mode >= kModes) throw py::value_error("trained transform");
        py::array_t<int16_t> out({4, 4});
        trained_inverse(mode, coded.data(), out.mutable_data());
        return out;
      },
      py::arg("coded"), py::kw_only(), py::arg("mode"));
  m.def(
      "trained_forward",
      [](const py::array_t<int32_t, py::array::c_style | py::array::forcecast>& coefficients, int mode) {
        if (coefficients.size() != 16 || mode < 0 || mode >= kModes) throw py::value_error("trained transform");
        py::array_t<int32_t> out({4, 4});
        std::copy_n(coefficients.data(), 16, out.mutable_data());
        trained_forward(mode, out.mutable_data());
        return out;
      },
      py::arg("coefficients"), py::kw_only(), py::arg("mode"));
  m.def("warm_table", [](int c) {
    if (c < 0 || c >= kWarmClasses) throw py::index_error("warm class");
    return py::array_t<uint16_t>(kModelCount, warm_table(c));
  });
  m.def("set_warm_table", [](int c, py::array_t<uint16_t, py::array::c_style | py::array::forcecast> entries) {
    if (c < 0 || c >= kWarmClasses || entries.size() != kModelCount) throw py::value_error("warm table");
    set_warm_table(c, entries.data());
  });
}

}  // namespace veneer
