// Python interface of what the encoder must know to choose filters: threads over bands of tiles.
#include <pybind11/numpy.h>
#include <pybind11/pybind11.h>
#include <pybind11/stl.h>

#include <mutex>
#include <tuple>

#include "bindings/without_gil.h"
#include "common/team.h"
#include "enhance/enc_filters.h"
#include "enhance/filters.h"

namespace py = pybind11;

namespace veneer {
namespace {

template <typename T>
using Array = py::array_t<T, py::array::c_style>;
using Box = std::tuple<int, int, int, int>;

FilterInput checked_input(const Array<int16_t>& enhanced, const Array<int16_t>& base) {
  if (enhanced.ndim() != 3 || base.ndim() != 3) throw py::value_error("enhanced, base: [H, W, 1 or 3]");
  for (int i = 0; i < 3; ++i) {
    if (enhanced.shape(i) != base.shape(i)) throw py::value_error("enhanced, base: shapes differ");
  }
  const int channels = static_cast<int>(enhanced.shape(2));
  if ((channels != 1 && channels != 3) || enhanced.size() == 0) throw py::value_error("enhanced: [H, W, 1 or 3]");
  const int width = static_cast<int>(enhanced.shape(1)), height = static_cast<int>(enhanced.shape(0));
  const ptrdiff_t stride = static_cast<ptrdiff_t>(width) * channels;
  return {{enhanced.data(), width, height, channels, stride}, {base.data(), width, height, channels, stride}};
}

// Boxes of at most kFilterRows rows that make up a box of the picture.
std::vector<Rect> bands_of(const FilterInput& input, const Box& box) {
  const auto [x, y, width, height] = box;
  if (x < 0 || y < 0 || width < 1 || height < 1 || x + width > input.enhanced.width ||
      y + height > input.enhanced.height) {
    throw py::value_error("box: outside");
  }
  std::vector<Rect> bands;
  for (int top = y; top < y + height; top += kFilterRows) {
    bands.push_back({x, top, width, std::min(kFilterRows, y + height - top)});
  }
  return bands;
}

// Sums over a box, [planes, activity bins, 13, 13]: products i <= j of the twelve features and the wanted change.
Array<int64_t> filter_products(const Array<int16_t>& enhanced, const Array<int16_t>& base,
                               const Array<uint8_t>& original, const Box& box, int clip, int threads) {
  const FilterInput input = checked_input(enhanced, base);
  if (original.size() != enhanced.size()) throw py::value_error("original: another shape than enhanced");
  const std::vector<Rect> bands = bands_of(input, box);
  Array<int64_t> out({input.planes(), kActivityBins, kFilterTaps + 1, kFilterTaps + 1});
  int64_t* totals = out.mutable_data();
  const size_t size = static_cast<size_t>(out.size());
  const uint8_t* wanted = original.data();
  without_gil([&] {
    std::fill(totals, totals + size, 0);
    std::mutex mutex;
    const int count = static_cast<int>(bands.size());
    Team team(std::min(threads, count));
    run_parallel(team, count, [&](int i) {
      std::vector<int64_t> own(size);
      add_filter_products(input, wanted, bands[i], clip, own.data());
      const std::lock_guard<std::mutex> lock(mutex);
      for (size_t k = 0; k < size; ++k) totals[k] += own[k];
    });
  });
  return out;
}

}  // namespace

void bind_filters(py::module_& m) {
  m.def("filter_products", &filter_products, py::arg("enhanced"), py::arg("base"), py::arg("original"), py::arg("box"),
        py::kw_only(), py::arg("clip"), py::arg("threads"));
}

}  // namespace veneer
