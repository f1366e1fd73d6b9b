// Python interface of the network engine: networks as src/veneer/inference/graph.py describes them.
//
// Place: part of veneer._native. Whoever makes a network has proved it; here only shapes are checked.
#include <pybind11/numpy.h>
#include <pybind11/pybind11.h>
#include <pybind11/stl.h>

#include <algorithm>
#include <chrono>
#include <string>
#include <vector>

#include "bindings/operands.h"
#include "bindings/without_gil.h"
#include "common/team.h"
#include "network/engine.h"

namespace py = pybind11;

namespace veneer {
namespace {

using namespace network;

constexpr int kMaxThreads = 256;

void require(bool condition, const char* message) {
  if (!condition) throw py::value_error(message);
}

const Kernels& table(const std::string& target) {
  const Kernels* found = find_kernels(target.c_str());
  if (found == nullptr) throw py::value_error("target not available: " + target);
  return *found;
}

template <typename T>
Vector<T> values(const py::dict& source, const char* key) {
  using Array = py::array_t<T, py::array::c_style>;
  const py::object item = source[key];
  require(py::isinstance<py::array_t<T>>(item), "an array has the wrong type");
  const Array array = py::cast<Array>(item);
  return Vector<T>(array.data(), array.data() + array.size());
}

OpSpec op_from(const py::dict& source) {
  OpSpec op{};
  op.low = -32768;
  op.high = 32767;
  op.kernel = op.factor = 1;
  for (const auto& [key, value] : source) {
    const std::string name = py::cast<std::string>(key);
    if (name == "inputs") {
      const std::vector<int> tensors = py::cast<std::vector<int>>(value);
      op.inputs.assign(tensors.begin(), tensors.end());
    } else if (name == "weight") {
      op.weights.weights = values<int16_t>(source, "weight");
    } else if (name == "bias") {
      op.weights.bias = values<int32_t>(source, "bias");
    } else if (name == "multiplier") {
      op.weights.multiplier = values<int32_t>(source, "multiplier");
    } else if (name == "shift") {
      op.weights.shift = values<uint8_t>(source, "shift");
    } else if (name == "table") {
      op.table = values<int16_t>(source, "table");
    } else {
      const int number = py::cast<int>(value);
      if (name == "kind") {
        require(number >= 0 && number <= static_cast<int>(OpKind::kSlice), "operation: unknown kind");
        op.kind = static_cast<OpKind>(number);
      } else if (name == "low") {
        op.low = number;
      } else if (name == "high") {
        op.high = number;
      } else if (name == "kernel") {
        op.kernel = number;
      } else if (name == "channels") {
        op.channels = number;
      } else if (name == "factor") {
        op.factor = number;
      } else if (name == "first") {
        op.first = number;
      } else if (name == "multiplier_a") {
        op.mix.multiplier_a = number;
      } else if (name == "multiplier_b") {
        op.mix.multiplier_b = number;
      } else if (name == "mix_shift") {
        op.shift = op.mix.shift = number;
      } else {
        throw py::value_error("operation: unknown key " + name);
      }
    }
  }
  return op;
}

// A network and which of its outputs are bytes.
class BoundNetwork {
 public:
  BoundNetwork(const std::vector<std::tuple<int, int, int, int>>& inputs, const std::vector<py::dict>& ops,
               const std::vector<std::pair<int, bool>>& outputs)
      : network_(make_graph(inputs, ops, outputs)) {
    for (const auto& output : outputs) bytes_.push_back(output.second);
  }

  std::vector<py::array> run(const std::vector<py::array>& inputs, int height, int width, int strip, int threads,
                             const std::string& target) const {
    const Graph& graph = network_.graph();
    const Kernels& kernels = table(target);
    check_size(height, width, strip);
    require(threads >= 1, "threads: not positive");
    require(inputs.size() == graph.inputs().size(), "inputs: wrong number");
    std::vector<Operand> sources, results;
    for (size_t i = 0; i < inputs.size(); ++i) {
      const InputSpec& input = graph.inputs()[i];
      sources.push_back(input_operand(inputs[i], input.channels, {width, height, input.reduction}));
    }
    std::vector<py::array> arrays;
    for (size_t i = 0; i < graph.outputs().size(); ++i) {
      const Tensor& tensor = graph.tensors()[graph.outputs()[i]];
      results.push_back(output_operand(bytes_[i] != 0, tensor.channels, {width, height, tensor.reduction}, &arrays));
    }
    without_gil([&] {
      Team team(std::min(threads, kMaxThreads));
      network_.run({sources.data(), sources.size()}, {results.data(), results.size()}, width, height, strip, team,
                   kernels);
    });
    return arrays;
  }

  size_t memory_bytes(int height, int width, int strip) const {
    check_size(height, width, strip);
    return Schedule(network_.graph(), width, height, strip).memory_bytes();
  }

 private:
  static Graph make_graph(const std::vector<std::tuple<int, int, int, int>>& inputs, const std::vector<py::dict>& ops,
                          const std::vector<std::pair<int, bool>>& outputs) {
    Vector<InputSpec> input_specs;
    for (const auto& [channels, reduction, low, high] : inputs) input_specs.push_back({channels, reduction, low, high});
    Vector<OpSpec> op_specs;
    for (const py::dict& op : ops) op_specs.push_back(op_from(op));
    Vector<int> tensors;
    for (const auto& output : outputs) tensors.push_back(output.first);
    return Graph(std::move(input_specs), std::move(op_specs), std::move(tensors));
  }

  static void check_size(int height, int width, int strip) {
    require(height >= 1 && height <= kMaxNetworkSide && width >= 1 && width <= kMaxNetworkSide, "size: out of range");
    require(strip >= 0 && strip <= kMaxNetworkSide, "strip: out of range");
  }

  Network network_;
  std::vector<char> bytes_;
};

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
  py::class_<BoundNetwork>(m, "InferenceNetwork")
      .def(py::init<const std::vector<std::tuple<int, int, int, int>>&, const std::vector<py::dict>&,
                    const std::vector<std::pair<int, bool>>&>(),
           py::arg("inputs"), py::arg("ops"), py::arg("outputs"))
      .def("run", &BoundNetwork::run, py::arg("inputs"), py::kw_only(), py::arg("height"), py::arg("width"),
           py::arg("strip"), py::arg("threads"), py::arg("target"))
      .def("memory_bytes", &BoundNetwork::memory_bytes, py::kw_only(), py::arg("height"), py::arg("width"),
           py::arg("strip"));
  m.def("inference_targets", &targets);
  m.def("chosen_inference_target", [] { return chosen_kernels().name; });
  m.def("multiply_peak", &multiply_peak, py::arg("target"), py::arg("repeats") = 20);
}

}  // namespace veneer
