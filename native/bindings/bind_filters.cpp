// Python interface of the filters over the enhanced picture: threads over bands of tiles.
#include <pybind11/numpy.h>
#include <pybind11/pybind11.h>
#include <pybind11/stl.h>

#include <cstring>
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

// Filters boxes of a picture, [planes, 7] thresholds and [planes, 12 taps, 8 classes] coefficients for each; the rest is
// as it was.
Array<int16_t> filter_boxes(const Array<int16_t>& enhanced, const Array<int16_t>& base, const std::vector<Box>& boxes,
                            const Array<int32_t>& thresholds, const Array<int32_t>& coefficients,
                            const std::vector<int>& clips, int threads) {
  const FilterInput input = checked_input(enhanced, base);
  const int planes = input.planes(), count = static_cast<int>(boxes.size());
  constexpr int kThresholds = kMaxFilterClasses - 1, kCoefficients = kFilterTaps * kMaxFilterClasses;
  if (thresholds.size() != static_cast<py::ssize_t>(count) * planes * kThresholds || clips.size() != boxes.size() ||
      coefficients.size() != static_cast<py::ssize_t>(count) * planes * kCoefficients) {
    throw py::value_error("thresholds, coefficients, clips: wrong size");
  }
  std::vector<PlaneFilters> filters(static_cast<size_t>(count) * planes);
  for (size_t i = 0; i < filters.size(); ++i) {
    std::memcpy(filters[i].thresholds, thresholds.data() + i * kThresholds, sizeof filters[i].thresholds);
    std::memcpy(filters[i].coefficients, coefficients.data() + i * kCoefficients, sizeof filters[i].coefficients);
  }
  std::vector<std::pair<Rect, int>> work;  // and the number of its box
  for (int i = 0; i < count; ++i) {
    for (const Rect& band : bands_of(input, boxes[i])) work.emplace_back(band, i);
  }
  const View<const int16_t>& whole = input.enhanced;
  Array<int16_t> out({whole.height, whole.width, whole.channels});
  const View<int16_t> result(out.mutable_data(), whole.width, whole.height, whole.channels, whole.stride);
  without_gil([&] {
    copy_rows(whole, result);
    const int count = static_cast<int>(work.size());
    Team team(std::min(threads, count));
    run_parallel(team, count, [&](int i) {
      const auto& [band, box] = work[i];
      filter_box(input, band, &filters[static_cast<size_t>(box) * planes], clips[box], result);
    });
  });
  return out;
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
  m.def("filter_boxes", &filter_boxes, py::arg("enhanced"), py::arg("base"), py::arg("boxes"), py::kw_only(),
        py::arg("thresholds"), py::arg("coefficients"), py::arg("clips"), py::arg("threads"));
  m.def("filter_products", &filter_products, py::arg("enhanced"), py::arg("base"), py::arg("original"), py::arg("box"),
        py::kw_only(), py::arg("clip"), py::arg("threads"));
}

}  // namespace veneer
