// Python interface of the network engine: its kernels.
//
// Place: part of veneer._native. bind_network.cpp runs networks.
#include <pybind11/pybind11.h>
#include <pybind11/stl.h>

#include <algorithm>
#include <chrono>
#include <string>
#include <vector>

#include "bindings/without_gil.h"
#include "common/team.h"
#include "network/engine.h"

namespace py = pybind11;

namespace veneer {
namespace {

using namespace network;

const Kernels& table(const std::string& target) {
  const Kernels* found = find_kernels(target.c_str());
  if (found == nullptr) throw py::value_error("target not available: " + target);
  return *found;
}

std::vector<std::string> targets() {
  std::vector<std::string> names;
  for (const char* name : {"scalar", "avx2", "avx512", "neon"}) {
    if (find_kernels(name)) names.emplace_back(name);
  }
  return names;
}

// Multiply-accumulates per second of one core that does nothing else, in units of 10^9: best of `repeats`.
double multiply_peak(const std::string& target, int repeats) {
  const Kernels& kernels = table(target);
  double best = 0;
  without_gil([&] {
    for (int i = 0; i < repeats; ++i) {
      const auto start = std::chrono::steady_clock::now();
      const int64_t count = kernels.multiply_registers(20000);
      const std::chrono::duration<double> seconds = std::chrono::steady_clock::now() - start;
      best = std::max(best, static_cast<double>(count) / seconds.count() / 1e9);
    }
  });
  return best;
}

}  // namespace

void bind_engine(py::module_& m) {
  m.def("inference_targets", &targets);
  m.def("chosen_inference_target", [] { return chosen_kernels().name; });
  m.def("multiply_peak", &multiply_peak, py::arg("target"), py::arg("repeats") = 20);
}

}  // namespace veneer
