// Python interface of the network engine: its kernels.
//
// Place: part of veneer._native. bind_network.cpp runs networks.
#include <pybind11/pybind11.h>
#include <pybind11/stl.h>

#include <string>
#include <vector>

#include "network/kernels.h"

namespace py = pybind11;

namespace veneer {
namespace {

using namespace network;

std::vector<std::string> targets() {
  std::vector<std::string> names;
  for (const char* name : {"scalar", "avx2", "avx512", "neon"}) {
    if (find_kernels(name)) names.emplace_back(name);
  }
  return names;
}

}  // namespace

void bind_engine(py::module_& m) {
  m.def("inference_targets", &targets);
  m.def("chosen_inference_target", [] { return chosen_kernels().name; });
}

}  // namespace veneer
