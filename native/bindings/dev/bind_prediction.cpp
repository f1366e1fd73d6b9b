// Python access to the prediction kernels of each target.
//
// Place: part of veneer._native_dev.
#include <pybind11/numpy.h>
#include <pybind11/pybind11.h>

#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <string>

#include "base/dct.h"
#include "base/enc_kernels.h"
#include "base/prediction.h"
#include "base/prediction_kernels.h"

namespace py = pybind11;

namespace veneer {
namespace {

using Samples = py::array_t<int16_t, py::array::c_style>;
using Bytes = py::array_t<uint8_t, py::array::c_style>;

void require(bool condition, const char* message) {
  if (!condition) throw py::value_error(message);
}

const PredictionKernels& table(const std::string& target) {
  const PredictionKernels* found = target == "auto" ? &prediction_kernels() : find_prediction_kernels(target.c_str());
  if (found == nullptr) throw py::value_error("target not available: " + target);
  return *found;
}

const EncoderKernels& encoder_table(const std::string& target) {
  const EncoderKernels* found = target == "auto" ? &encoder_kernels() : find_encoder_kernels(target.c_str());
  if (found == nullptr) throw py::value_error("target not available: " + target);
  return *found;
}

void check_shape(int log2_w, int log2_h) {
  require(log2_w >= 2 && log2_w <= 6 && log2_h >= 2 && log2_h <= 6 && std::abs(log2_w - log2_h) <= 1,
          "log2 of a side must be 2..6, one apart at most");
}

// The corner, then the samples along the edge.
Edges edges_of(const Samples& top, const Samples& left, int log2_w, int log2_h) {
  const int length = (1 << log2_w) + (1 << log2_h) + 9;
  require(top.ndim() == 1 && left.ndim() == 1 && top.shape(0) == length && left.shape(0) == length,
          "an edge has 1 + w + h + 8 samples");
  Edges edges;
  std::copy_n(top.data(), length, edges.top() - 1);
  std::copy_n(left.data(), length, edges.left() - 1);
  return edges;
}

// A block with `padding` more samples per row, all of which hold a mark.
Samples empty_block(int log2_w, int log2_h, int padding) {
  require(padding >= 0 && padding <= 64, "padding must be 0..64");
  Samples block({1 << log2_h, (1 << log2_w) + padding});
  std::fill_n(block.mutable_data(), block.size(), int16_t{-32768});
  return block;
}

constexpr int kWidest = range_of_depth(8).widest;

Samples predict_block(int mode, const Samples& top, const Samples& left, int log2_w, int log2_h,
                      const std::string& target, int padding, int repeat) {
  check_shape(log2_w, log2_h);
  require(mode >= 0 && mode < kModes, "no such mode");
  const Edges edges = edges_of(top, left, log2_w, log2_h);
  const PredictionKernels& kernel = table(target);
  Samples out = empty_block(log2_w, log2_h, padding);
  for (int i = 0; i < repeat; ++i) {
    kernel.predict(mode, edges.top(), edges.left(), log2_w, log2_h, out.mutable_data(), out.shape(1));
  }
  return out;
}

Samples predict_block_from_luma(int alpha, const Samples& top, const Samples& left, const Samples& luma, int log2_w,
                                int log2_h, const std::string& target, int padding, int repeat) {
  check_shape(log2_w, log2_h);
  require(alpha >= -16 && alpha <= 15, "alpha must be -16..15");
  require(luma.ndim() == 2 && luma.shape(0) == 1 << log2_h && luma.shape(1) >= 1 << log2_w, "luma must be a block");
  const Edges edges = edges_of(top, left, log2_w, log2_h);
  const PredictionKernels& kernel = table(target);
  Samples out = empty_block(log2_w, log2_h, padding);
  for (int i = 0; i < repeat; ++i) {
    kernel.predict_from_luma(alpha, edges.top(), edges.left(), luma.data(), luma.shape(1), log2_w, log2_h, kWidest,
                             out.mutable_data(), out.shape(1));
  }
  return out;
}

// planes: [3][h + 1][w + 1], each block after a row and a column of its rim.
Samples predict_block_by_slopes(int s, int t, int mean_luma, int mean_co, int base, const Samples& planes, int log2_w,
                                int log2_h, const std::string& target, int padding) {
  check_shape(log2_w, log2_h);
  require(s >= -512 && s <= 512 && t >= -512 && t <= 512, "slopes must be -512..512");
  const int w = 1 << log2_w, h = 1 << log2_h;
  require(planes.ndim() == 3 && planes.shape(0) == 3 && planes.shape(1) == h + 1 && planes.shape(2) == w + 1,
          "planes must be [3][h + 1][w + 1]");
  Samples out = empty_block(log2_w, log2_h, padding);
  const int mean[2] = {mean_luma, mean_co};
  table(target).predict_by_slopes(s, t, mean, base, planes.data(0, 1, 1), planes.data(1, 1, 1), w + 1, log2_w, log2_h,
                                  kWidest, out.mutable_data(), out.shape(1));
  return out;
}

Samples predict_derived_block(const Samples& planes, bool above, bool left, int plane_of_tree, int log2_w, int log2_h) {
  check_shape(log2_w, log2_h);
  const int w = 1 << log2_w, h = 1 << log2_h;
  require(planes.ndim() == 3 && planes.shape(0) == 3 && planes.shape(1) == h + 1 && planes.shape(2) == w + 1,
          "planes must be [3][h + 1][w + 1]");
  const int16_t* const at[3] = {planes.data(0, 1, 1), planes.data(1, 1, 1), planes.data(2, 1, 1)};
  Rim rim;
  gather_rim(at, w + 1, w, h, above, left, range_of_depth(8), &rim);
  Samples out({h, w});
  predict_derived(rim, plane_of_tree, at[0], at[1], w + 1, log2_w, log2_h, out.mutable_data(), w);
  return out;
}

Samples subtract_block(const Samples& source, const Samples& prediction, const std::string& target, int repeat) {
  require(prediction.ndim() == 2 && source.ndim() == 2, "a block has two dimensions");
  const int h = static_cast<int>(prediction.shape(0)), w = static_cast<int>(prediction.shape(1));
  require((w & (w - 1)) == 0 && w >= 4 && w <= kMaxBlock && (h & (h - 1)) == 0 && h >= 4 && h <= kMaxBlock,
          "a side of a block must be 4, 8, 16, 32 or 64");
  require(source.shape(0) == h && source.shape(1) >= w, "the source must cover the prediction");
  const EncoderKernels& kernel = encoder_table(target);
  Samples out({h, w});
  for (int i = 0; i < repeat; ++i) {
    kernel.subtract(source.data(), source.shape(1), prediction.data(), w, h, out.mutable_data());
  }
  return out;
}

py::tuple chroma_sums(const Samples& luma, const Samples& chroma, int w, const std::string& target) {
  require(luma.ndim() == 2 && chroma.ndim() == 2 && luma.shape(0) == chroma.shape(0), "blocks have as many rows");
  const int h = static_cast<int>(luma.shape(0));
  require((w & (w - 1)) == 0 && w >= 4 && w <= kMaxBlock && (h & (h - 1)) == 0 && h >= 4 && h <= kMaxBlock,
          "a side of a block must be 4, 8, 16, 32 or 64");
  require(luma.shape(1) >= w && chroma.shape(1) >= w, "the blocks must be w wide");
  const ChromaSums sums =
      encoder_table(target).chroma_sums(luma.data(), chroma.data(), luma.shape(1), chroma.shape(1), w, h);
  return py::make_tuple(sums.luma, sums.chroma, sums.luma_luma, sums.luma_chroma);
}

py::tuple load_colour(const Bytes& rgb, const std::string& target) {
  require(rgb.ndim() == 2 && rgb.shape(1) == 3, "pixels must be [n][3]");
  const py::ssize_t n = rgb.shape(0);
  Samples luma(n), co(n), cg(n);
  encoder_table(target).load_colour(rgb.data(), static_cast<int>(n), luma.mutable_data(), co.mutable_data(),
                                    cg.mutable_data());
  return py::make_tuple(luma, co, cg);
}

Bytes store_colour(const Samples& luma, const Samples& co, const Samples& cg, const std::string& target) {
  require(luma.ndim() == 1 && luma.size() == co.size() && luma.size() == cg.size(), "planes must have the same length");
  Bytes rgb({luma.shape(0), py::ssize_t{3}});
  table(target).store_colour(luma.data(), co.data(), cg.data(), static_cast<int>(luma.size()), rgb.mutable_data());
  return rgb;
}

py::tuple expected_cells(const Bytes& top, const Bytes& left, const std::string& target) {
  const auto units = [](const Bytes& side) {
    require(side.ndim() == 2 && side.shape(1) >= kCells && side.shape(0) <= 16, "a side is [units][64 or more]");
    return static_cast<int>(side.shape(0));
  };
  const int above = units(top), before = units(left);
  require(above > 0 || before > 0, "one side must be available");
  require((above & (above - 1)) == 0 && (before & (before - 1)) == 0, "numbers of units must be powers of two");
  require(top.shape(1) == left.shape(1), "the sides must have the same stride");
  py::array_t<uint16_t> cells(kCells);
  const int sum = table(target).expected_cells(above ? reinterpret_cast<const UnitCells*>(top.data()) : nullptr, above,
                                               before ? reinterpret_cast<const UnitCells*>(left.data()) : nullptr,
                                               before, static_cast<size_t>(top.shape(1)), cells.mutable_data());
  return py::make_tuple(sum, cells);
}

}  // namespace

void bind_prediction(py::module_& m) {
  using py::arg;
  m.def("predict_block", &predict_block, arg("mode"), arg("top"), arg("left"), arg("log2_w"), arg("log2_h"),
        arg("target") = "auto", arg("padding") = 0, arg("repeat") = 1,
        "Prediction [H][W + padding]; an edge is its corner and w + h + 8 samples. `repeat` is for benchmarks.");
  m.def("predict_block_from_luma", &predict_block_from_luma, arg("alpha"), arg("top"), arg("left"), arg("luma"),
        arg("log2_w"), arg("log2_h"), arg("target") = "auto", arg("padding") = 0, arg("repeat") = 1,
        "Chroma from luma, as predict_block.");
  m.def("predict_block_by_slopes", &predict_block_by_slopes, arg("s"), arg("t"), arg("mean_luma"), arg("mean_co"),
        arg("base"), arg("planes"), arg("log2_w"), arg("log2_h"), arg("target") = "auto", arg("padding") = 0,
        "Chroma of given slopes over luma and Co.");
  m.def("predict_derived_block", &predict_derived_block, arg("planes"), arg("above"), arg("left"), arg("plane_of_tree"),
        arg("log2_w"), arg("log2_h"), "Chroma by the slopes of the rim.");
  m.def("subtract_block", &subtract_block, arg("source"), arg("prediction"), arg("target") = "auto", arg("repeat") = 1,
        "source - prediction.");
  m.def("chroma_sums", &chroma_sums, arg("luma"), arg("chroma"), arg("w"), arg("target") = "auto",
        "Sums of luma, of chroma, of luma squared and of their products over w columns.");
  m.def("load_colour", &load_colour, arg("rgb"), arg("target") = "auto", "Luma, Co and Cg of pixels [n][3].");
  m.def("store_colour", &store_colour, arg("luma"), arg("co"), arg("cg"), arg("target") = "auto",
        "Pixels [n][3] of luma, Co and Cg.");
  m.def("expected_cells", &expected_cells, arg("top"), arg("left"), arg("target") = "auto",
        "Sum and smoothed cells of neighbours [units][64]; no units: unavailable.");
}

}  // namespace veneer
