// Arrays of Python as operands of networks.
#pragma once
#include <pybind11/numpy.h>

#include <vector>

#include "network/engine.h"

namespace veneer {

// Sides of a tensor of some reduction, for a picture.
struct TensorSize {
  TensorSize(int width, int height, int reduction)
      : columns((width + reduction - 1) / reduction), rows((height + reduction - 1) / reduction) {}
  int columns, rows;
};

// An array of Python that a network reads; raises ValueError unless it is uint8 or int16 [rows, columns, channels].
inline network::Operand input_operand(const pybind11::array& array, int channels, const TensorSize& size) {
  namespace py = pybind11;
  const bool bytes = py::isinstance<py::array_t<uint8_t>>(array);
  if (!bytes && !py::isinstance<py::array_t<int16_t>>(array)) throw py::value_error("input: not uint8 or int16");
  if (!(array.flags() & py::array::c_style)) throw py::value_error("input: not contiguous");
  if (array.ndim() != 3 || array.shape(0) != size.rows || array.shape(1) != size.columns ||
      array.shape(2) != channels) {
    throw py::value_error("input: wrong shape");
  }
  return network::dense_operand(const_cast<void*>(array.data()), bytes, size.columns, size.rows, channels);
}

// A new array, added to `arrays`, that a network writes.
inline network::Operand output_operand(bool bytes, int channels, const TensorSize& size,
                                       std::vector<pybind11::array>* arrays) {
  namespace py = pybind11;
  const py::dtype type = bytes ? py::dtype::of<uint8_t>() : py::dtype::of<int16_t>();
  arrays->emplace_back(type, std::vector<py::ssize_t>{size.rows, size.columns, channels});
  return network::dense_operand(arrays->back().mutable_data(), bytes, size.columns, size.rows, channels);
}

}  // namespace veneer
