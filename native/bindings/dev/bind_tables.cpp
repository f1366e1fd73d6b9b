// Python access to the tables that models start with, and to the trained transform.
//
// Place: part of veneer._native_dev: for src/veneer/training/warm_models.py, benchmarks and tests. set_warm_table() changes
// the tables of this module, whose encode_base() and decode_base() use them; those of veneer._native stay as they are.
#include <pybind11/numpy.h>
#include <pybind11/pybind11.h>
#include <pybind11/stl.h>

#include <algorithm>
#include <cstring>
#include <vector>

#include "base/enc_colour.h"
#include "base/enc_tile.h"
#include "base/enc_trained_transform.h"
#include "base/trained_transform.h"
#include "base/warm_models.h"
#include "bindings/without_gil.h"

namespace py = pybind11;

namespace veneer {
namespace {

using Pixels = py::array_t<uint8_t, py::array::c_style | py::array::forcecast>;

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

void bind_tables(py::module_& m) {
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
