// Python interface of the modular base: tiles and forms by themselves, for tests and experiments.
#include <pybind11/numpy.h>
#include <pybind11/pybind11.h>
#include <pybind11/stl.h>

#include <algorithm>
#include <string>
#include <vector>

#include "base/modular/enc_forms.h"
#include "base/modular/enc_tile.h"
#include "base/modular/tile.h"
#include "bindings/byte_strings.h"
#include "bindings/views.h"
#include "bindings/without_gil.h"
#include "common/limits.h"
#include "common/team.h"
#include "picture/tile_grid.h"

namespace py = pybind11;

namespace veneer {
namespace {

using modular::Form;
using modular::Planes;
using modular::TilePlanes;

Form form_named(const std::string& name) {
  const char* const names[] = {"stored", "photo", "fast", "graphics"};
  for (int f = 0; f < modular::kForms; ++f) {
    if (name == names[f]) return static_cast<Form>(f);
  }
  throw py::value_error("form: stored, photo, fast or graphics");
}

Form writable_form(const std::string& name, int width) {
  const Form form = form_named(name);
  if (!modular::can_encode(form, width)) throw py::value_error("form: not written by this encoder");
  return form;
}

// `most` has the largest value of each plane: planes 1 to 4, of which the last is alpha if there are 2 or 4.
Planes planes_of(TilePlanes* tile, const std::vector<int>& most) {
  Planes planes;
  planes.width = tile->width();
  planes.height = tile->height();
  planes.stride = tile->width();
  planes.count = tile->channels();
  planes.colours = planes.count < 3 ? 1 : 3;
  for (int p = 0; p < planes.count; ++p) {
    if (most.at(static_cast<size_t>(p)) < 0 || most[static_cast<size_t>(p)] > 65535) {
      throw py::value_error("most: 0..65535");
    }
    planes.most[p] = most[static_cast<size_t>(p)];
    planes.plane[p] = tile->plane(p);
  }
  return planes;
}

void check_size(py::ssize_t width, py::ssize_t height, py::ssize_t channels) {
  if (width < 1 || height < 1 || width > 65535 || height > 65535 || channels < 1 || channels > 4) {
    throw py::value_error("size: 1..65535 pixels a side, 1..4 channels");
  }
}

TilePlanes planar(const Dense<uint16_t>& samples) {
  if (samples.ndim() != 3) throw py::value_error("samples: [H, W, C]");
  check_size(samples.shape(1), samples.shape(0), samples.shape(2));
  const View<const uint16_t> view = view_of(samples);
  TilePlanes tile(view.width, view.height, view.channels);
  for (int c = 0; c < view.channels; ++c) {
    for (int y = 0; y < view.height; ++y) {
      uint16_t* const row = tile.plane(c) + static_cast<size_t>(y) * view.width;
      for (int x = 0; x < view.width; ++x) row[x] = view.at(x, y)[c];
    }
  }
  return tile;
}

py::array_t<uint16_t> interleaved(const TilePlanes& tile) {
  py::array_t<uint16_t> array({tile.height(), tile.width(), tile.channels()});
  const View<uint16_t> view = view_of(array);
  for (int y = 0; y < tile.height(); ++y) {
    for (int x = 0; x < tile.width(); ++x) {
      for (int c = 0; c < tile.channels(); ++c) view.at(x, y)[c] = tile.row(c, y)[x];
    }
  }
  return array;
}

py::bytes encode_form_of(const std::string& form, const Dense<uint16_t>& samples, const std::vector<int>& most,
                         int effort) {
  TilePlanes tile = planar(samples);
  const Planes planes = planes_of(&tile, most);
  for (int p = 0; p < planes.count; ++p) {
    for (size_t i = 0; i < static_cast<size_t>(planes.width) * planes.height; ++i) {
      if (planes.plane[p][i] > planes.most[p]) throw py::value_error("samples: above most");
    }
  }
  const Form chosen = writable_form(form, tile.width());
  if (!codes_alpha(chosen) && planes.has_alpha()) throw py::value_error("form: of colours alone");
  Vector<uint8_t> bytes;
  without_gil([&] { bytes = modular::encode_form(chosen, planes, effort); });
  return python_bytes(bytes);
}

// None where the data are no payload.
py::object decode_form_of(const std::string& form, const std::string& data, int width, int height,
                          const std::vector<int>& most) {
  check_size(width, height, static_cast<py::ssize_t>(most.size()));
  TilePlanes tile(width, height, static_cast<int>(most.size()));
  const Planes planes = planes_of(&tile, most);
  bool whole = false;
  without_gil([&] { whole = modular::decode_form(form_named(form), bytes_of(data), planes); });
  return whole ? py::object(interleaved(tile)) : py::object(py::none());
}

template <typename T>
View<const T> pixels_of(const py::array& samples) {
  const auto size = [&](int axis) { return static_cast<int>(samples.shape(axis)); };
  return {static_cast<const T*>(samples.data()), size(1), size(0), size(2), samples.shape(1) * samples.shape(2)};
}

// The payloads of all tiles of a picture, uint8 or uint16 [H, W, C].
std::vector<py::bytes> encode_modular(const py::array& samples, int depth, int effort, int max_error, bool exact,
                                      int tile_log2, int threads) {
  const bool deep = py::isinstance<py::array_t<uint16_t>>(samples);
  if (!deep && !py::isinstance<py::array_t<uint8_t>>(samples)) throw py::value_error("samples: uint8 or uint16");
  if (samples.ndim() != 3 || !(samples.flags() & py::array::c_style)) throw py::value_error("samples: [H, W, C] in C");
  check_size(samples.shape(1), samples.shape(0), samples.shape(2));
  if (depth < 1 || depth > modular::kMaxDepth || tile_log2 < kMinTileLog2 || tile_log2 > kMaxTileLog2) {
    throw py::value_error("depth: 1..16, tile_log2: 6..16");
  }
  const TileGrid grid(static_cast<int>(samples.shape(1)), static_cast<int>(samples.shape(0)), tile_log2);
  const modular::TileSettings settings{depth, effort, max_error, exact};
  std::vector<Vector<uint8_t>> tiles(static_cast<size_t>(grid.count()));
  without_gil([&] {
    Team team(std::min(threads, grid.count()));
    run_parallel(team, grid.count(), [&](int i) {
      const Rect box = grid.box(i);
      tiles[static_cast<size_t>(i)] = deep ? modular::encode_tile(pixels_of<uint16_t>(samples).part(box), settings)
                                           : modular::encode_tile(pixels_of<uint8_t>(samples).part(box), settings);
    });
  });
  std::vector<py::bytes> payloads;
  for (const auto& tile : tiles) payloads.push_back(python_bytes(tile));
  return payloads;
}

}  // namespace

void bind_modular(py::module_& m) {
  m.def("encode_form", &encode_form_of, py::arg("form"), py::arg("samples"), py::kw_only(), py::arg("most"),
        py::arg("effort") = 5);
  m.def("decode_form", &decode_form_of, py::arg("form"), py::arg("data"), py::kw_only(), py::arg("width"),
        py::arg("height"), py::arg("most"));
  m.def("encode_modular", &encode_modular, py::arg("samples"), py::kw_only(), py::arg("depth"), py::arg("effort"),
        py::arg("max_error"), py::arg("exact"), py::arg("tile_log2"), py::arg("threads"));
  m.def(
      "encode_tile",
      [](const Dense<uint16_t>& samples, int depth, int effort, int max_error, bool exact, const std::string& form) {
        if (depth < 1 || depth > modular::kMaxDepth) throw py::value_error("depth: 1..16");
        planar(samples);
        modular::TileSettings settings{depth, effort, max_error, exact};
        if (!form.empty()) settings.form = static_cast<int>(writable_form(form, static_cast<int>(samples.shape(1))));
        Vector<uint8_t> bytes;
        without_gil([&] { bytes = modular::encode_tile(view_of(samples), settings); });
        return python_bytes(bytes);
      },
      py::arg("samples"), py::kw_only(), py::arg("depth"), py::arg("effort") = 5, py::arg("max_error") = 0,
      py::arg("exact") = false, py::arg("form") = "");
  m.def(
      "decode_tile",
      [](const std::string& data, int width, int height, int channels, int depth) -> py::object {
        check_size(width, height, channels);
        if (depth < 1 || depth > modular::kMaxDepth) throw py::value_error("depth: 1..16");
        TilePlanes tile(width, height, channels);
        if (!modular::decode_tile(bytes_of(data), depth, &tile)) return py::none();
        return interleaved(tile);
      },
      py::arg("data"), py::kw_only(), py::arg("width"), py::arg("height"), py::arg("channels"), py::arg("depth"));
}

}  // namespace veneer
