// Python access to the block-transform and block-metric kernels of each target.
//
// Place: part of veneer._native_dev.
#include <pybind11/numpy.h>
#include <pybind11/pybind11.h>
#include <pybind11/stl.h>

#include <algorithm>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/dct.h"
#include "base/enc_kernels.h"
#include "base/enc_rdoq.h"
#include "base/quantization.h"

namespace py = pybind11;

namespace veneer {
namespace {

using Samples = py::array_t<int16_t, 0>;  // any strides, no lossy conversion
using Packed = py::array_t<int16_t, py::array::c_style>;

void require(bool condition, const char* message) {
  if (!condition) throw py::value_error(message);
}

const TransformKernels& table(const std::string& target) {
  const TransformKernels* found = target == "auto" ? &kernels() : find_kernels(target.c_str());
  if (found == nullptr) throw py::value_error("target not available: " + target);
  return *found;
}

const EncoderKernels& encoder_table(const std::string& target) {
  const EncoderKernels* found = target == "auto" ? &encoder_kernels() : find_encoder_kernels(target.c_str());
  if (found == nullptr) throw py::value_error("target not available: " + target);
  return *found;
}

Tx transform_type(const std::string& name) {
  require(name == "dct" || name == "dst", "a transform is 'dct' or 'dst'");
  return name == "dst" ? Tx::kDst : Tx::kDct;
}

int coded(int log2_size) { return std::min(1 << log2_size, kMaxFrequencies); }

void check_shape(int log2_w, int log2_h, Tx horizontal, Tx vertical) {
  require(log2_w >= 2 && log2_w <= 6 && log2_h >= 2 && log2_h <= 6, "log2 of a side must be 2..6");
  require(horizontal == Tx::kDct || log2_w <= 4, "'dst' has at most 16 points");
  require(vertical == Tx::kDct || log2_h <= 4, "'dst' has at most 16 points");
}

// A block with rows of contiguous samples.
struct Block {
  const int16_t* data;
  ptrdiff_t stride;
  int w, h;
};

Block block(const Samples& array) {
  require(array.ndim() == 2, "a block has two dimensions");
  require(array.shape(0) > 0 && array.shape(0) <= kMaxBlock && array.shape(1) > 0 && array.shape(1) <= kMaxBlock,
          "a side of a block must be 1..64");
  require(array.strides(1) == sizeof(int16_t) && array.strides(0) % static_cast<ptrdiff_t>(sizeof(int16_t)) == 0,
          "the samples of a row must be contiguous");
  return {array.data(), array.strides(0) / static_cast<ptrdiff_t>(sizeof(int16_t)), static_cast<int>(array.shape(1)),
          static_cast<int>(array.shape(0))};
}

bool is_side(int n) { return n == 4 || n == 8 || n == 16 || n == 32 || n == 64; }

std::vector<std::string> transform_targets() {
  std::vector<std::string> names;
  for (const char* name : {"scalar", "avx2", "avx512", "neon"}) {
    if (find_kernels(name) != nullptr) names.emplace_back(name);
  }
  return names;
}

py::array_t<int16_t> inverse_transform(const Packed& coef, int log2_w, int log2_h, const std::string& horizontal,
                                       const std::string& vertical, const std::string& target, std::optional<int> nz_w,
                                       std::optional<int> nz_h, int repeat) {
  const Tx across = transform_type(horizontal), down = transform_type(vertical);
  check_shape(log2_w, log2_h, across, down);
  require(coef.ndim() == 2 && coef.shape(0) == coded(log2_h) && coef.shape(1) == coded(log2_w),
          "coefficients must be [min(H,32)][min(W,32)]");
  const int columns = nz_w.value_or(coded(log2_w)), rows = nz_h.value_or(coded(log2_h));
  require(columns >= 1 && columns <= coded(log2_w) && rows >= 1 && rows <= coded(log2_h), "nz out of range");
  const TransformKernels& kernel = table(target);
  py::array_t<int16_t> residual({1 << log2_h, 1 << log2_w});
  for (int i = 0; i < repeat; ++i) {
    kernel.inverse(coef.data(), log2_w, log2_h, across, down, columns, rows, residual.mutable_data());
  }
  return residual;
}

py::array_t<int32_t> forward_transform(const Samples& residual, int log2_w, int log2_h, const std::string& horizontal,
                                       const std::string& vertical, const std::string& target, int repeat) {
  const Tx across = transform_type(horizontal), down = transform_type(vertical);
  check_shape(log2_w, log2_h, across, down);
  const Block input = block(residual);
  require(input.h == 1 << log2_h && input.w == 1 << log2_w, "the residual must be [H][W]");
  const EncoderKernels& kernel = encoder_table(target);
  py::array_t<int32_t> coef({coded(log2_h), coded(log2_w)});
  for (int i = 0; i < repeat; ++i) {
    kernel.forward(input.data, input.stride, log2_w, log2_h, across, down, coef.mutable_data());
  }
  return coef;
}

// Common part of sse and satd.
template <class Member>
int64_t metric(Member EncoderKernels::* function, const Samples& a, const Samples& b, const std::string& target,
               int repeat) {
  const Block first = block(a), second = block(b);
  require(first.w == second.w && first.h == second.h, "the blocks must have the same shape");
  require(is_side(first.w) && is_side(first.h), "a side of a block must be 4, 8, 16, 32 or 64");
  const EncoderKernels& kernel = encoder_table(target);
  int64_t result = 0;
  for (int i = 0; i < repeat; ++i) {
    result = (kernel.*function)(first.data, first.stride, second.data, second.stride, first.w, first.h);
  }
  return result;
}

int64_t sse(const Samples& a, const Samples& b, const std::string& target, int repeat) {
  return metric(&EncoderKernels::sse, a, b, target, repeat);
}

int64_t satd(const Samples& a, const Samples& b, const std::string& target, int repeat) {
  return metric(&EncoderKernels::satd, a, b, target, repeat);
}

py::array_t<int16_t> add_residual(const Samples& prediction, const Packed& residual, int low, int high,
                                  const std::string& target, int repeat) {
  const Block base = block(prediction);
  require(residual.ndim() == 2 && residual.shape(0) == base.h && residual.shape(1) == base.w,
          "the residual must have the shape of the prediction");
  require(base.w % 4 == 0, "the width must be a multiple of 4");
  require(low >= INT16_MIN && high <= INT16_MAX && low <= high, "the limits must be ordered and int16");
  const TransformKernels& kernel = table(target);
  py::array_t<int16_t> recon({base.h, base.w});
  for (int i = 0; i < repeat; ++i) {
    kernel.add_residual(base.data, base.stride, residual.data(), base.w, base.h, low, high, recon.mutable_data(),
                        base.w);
  }
  return recon;
}

py::array_t<int32_t> scaled(const py::array_t<int32_t, py::array::c_style>& coef, int log2_w, int log2_h, int position,
                            int matrix) {
  check_shape(log2_w, log2_h, Tx::kDct, Tx::kDct);
  require(coef.ndim() == 2 && coef.shape(0) == coded(log2_h) && coef.shape(1) == coded(log2_w),
          "coefficients must be [min(H,32)][min(W,32)]");
  require(position >= 0 && position <= kMaxStepPosition && matrix >= 0 && matrix <= 15,
          "position 0..319, matrix 0..15");
  const BlockShape& shape = block_shape(log2_w, log2_h);
  py::array_t<int32_t> result(shape.count);
  scale_coefficients(coef.data(), shape, position, matrix, result.mutable_data());
  return result;
}

py::array_t<int32_t> basis_matrix(const std::string& type, int n) {
  const Tx tx = transform_type(type);
  require(is_side(n) && (tx == Tx::kDct || n <= 16), "n must be 4..64 ('dst': 4..16), a power of two");
  py::array_t<int32_t> matrix({n, n});
  auto entries = matrix.mutable_unchecked<2>();
  for (int k = 0; k < n; ++k) {
    for (int i = 0; i < n; ++i) entries(k, i) = basis(tx, n, k, i);
  }
  return matrix;
}

}  // namespace

void bind_transform(py::module_& m) {
  using py::arg;
  m.def("transform_targets", &transform_targets, "Kernel targets this CPU and build have.");
  m.def("inverse_transform", &inverse_transform, arg("coef"), arg("log2_w"), arg("log2_h"), arg("horizontal") = "dct",
        arg("vertical") = "dct", arg("target") = "auto", arg("nz_w") = py::none(), arg("nz_h") = py::none(),
        arg("repeat") = 1, "Residual [H][W] of coefficients [min(H,32)][min(W,32)]; `repeat` is for benchmarks.");
  m.def("forward_transform", &forward_transform, arg("residual"), arg("log2_w"), arg("log2_h"),
        arg("horizontal") = "dct", arg("vertical") = "dct", arg("target") = "auto", arg("repeat") = 1,
        "Coefficients [min(H,32)][min(W,32)] with 4 more fractional bits than inverse_transform takes.");
  m.def("sse", &sse, arg("a"), arg("b"), arg("target") = "auto", arg("repeat") = 1,
        "Sum of squared differences of two blocks.");
  m.def("satd", &satd, arg("a"), arg("b"), arg("target") = "auto", arg("repeat") = 1,
        "Normalized sum of absolute Hadamard coefficients of a difference.");
  m.def("add_residual", &add_residual, arg("prediction"), arg("residual"), arg("low"), arg("high"),
        arg("target") = "auto", arg("repeat") = 1, "clamp(prediction + residual, low, high).");
  m.def("scale_coefficients", &scaled, arg("coef"), arg("log2_w"), arg("log2_h"), arg("position"), arg("matrix"),
        "Magnitudes of forward_transform in 1/256 of a step, [count] in scan order.");
  m.def("basis_matrix", &basis_matrix, arg("type"), arg("n"), "2^11 B[frequency][sample] of 'dct' or 'dst'.");
}

}  // namespace veneer
