// Python interface of models: reading and writing their files, what they say, and running their networks.
//
// Place: part of veneer._native.
#include <pybind11/numpy.h>
#include <pybind11/pybind11.h>
#include <pybind11/stl.h>

#include <cstring>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "bindings/bound_model.h"
#include "bindings/byte_strings.h"
#include "bindings/operands.h"
#include "bindings/without_gil.h"
#include "common/team.h"
#include "network/enc_weight_arrays.h"
#include "network/networks.h"

namespace py = pybind11;

namespace veneer {
namespace {

using network::Operand;

// Name, channels, reduction, low, high, fraction bits of each.
py::list described(Span<const TensorInfo> tensors) {
  py::list all;
  for (const TensorInfo& t : tensors) {
    all.append(py::make_tuple(t.name, t.shape.channels, t.shape.reduction, t.low, t.high, t.fraction_bits));
  }
  return all;
}

const ModelNetwork& network(const BoundModel& bound, const std::string& name) {
  const ModelNetwork* found = bound.model->find(name.c_str());
  if (found == nullptr) throw py::key_error(name);
  return *found;
}

// The model of a model file, and of networks that it names.
BoundModel assembled(const BoundModelFile& bound, const std::vector<BoundNetwork>& networks) {
  auto model = std::make_shared<Model>();
  model->id = bound.file->id;
  std::memcpy(model->name, bound.file->name, sizeof model->name);
  for (const BoundNetwork& each : networks) {
    if (bound.file->find(each.network->name()) == nullptr || model->find(each.network->name()) != nullptr) {
      throw py::value_error(std::string("networks: ") + each.network->name());
    }
    model->networks.push_back(each.network);
  }
  return {model};
}

py::bytes as_bytes(const uint8_t (&hash)[32]) { return {reinterpret_cast<const char*>(hash), sizeof hash}; }

// Number, name, and of each network name, size and hash of its weight file.
py::dict describe_file(const BoundModelFile& bound) {
  py::list networks;
  for (const NetworkEntry& each : bound.file->networks) {
    networks.append(py::make_tuple(each.name, each.file_size, as_bytes(each.sha256)));
  }
  py::dict all;
  all["id"] = bound.file->id;
  all["name"] = bound.file->name;
  all["networks"] = networks;
  return all;
}

using IntegerArray = py::array_t<int32_t, py::array::c_style | py::array::forcecast>;

// The stream of arrays: the number of the role of each, and its values.
py::bytes coded_arrays(const std::vector<std::pair<int, IntegerArray>>& arrays) {
  std::vector<CodedArray> all;
  for (const auto& [role, values] : arrays) {
    if (role < 0 || role >= kArrayRoles) throw py::value_error("role");
    all.push_back({static_cast<ArrayRole>(role), {values.data(), values.data() + values.size()}});
  }
  std::vector<uint8_t> coded;
  without_gil([&] { coded = code_arrays(all); });
  return {reinterpret_cast<const char*>(coded.data()), coded.size()};
}

py::dict describe(const BoundModel& bound) {
  py::dict networks;
  for (const std::shared_ptr<const ModelNetwork>& network : bound.model->networks) {
    py::dict entry;
    entry["inputs"] = described(network->inputs());
    entry["outputs"] = described(network->outputs());
    entry["alignment"] = network->alignment();
    entry["halo"] = network->halo();
    networks[network->name()] = entry;
  }
  py::dict all;
  all["id"] = bound.model->id;
  all["name"] = bound.model->name;
  all["networks"] = networks;
  return all;
}

int strip_or_default(int strip, int width) { return strip < 0 ? default_strip(width) : strip; }

size_t memory_bytes(const BoundModel& bound, const std::string& name, int height, int width, int strip) {
  return network(bound, name).memory_bytes(width, height, strip_or_default(strip, width));
}

// Inputs and outputs in the order of the network's.
std::vector<py::array> run(const BoundModel& bound, const std::string& name, const std::vector<py::array>& inputs,
                           int height, int width, int threads, int strip) {
  const ModelNetwork& chosen = network(bound, name);
  if (inputs.size() != chosen.inputs().size) throw py::value_error("inputs: wrong number");
  std::vector<Operand> sources, results;
  for (size_t i = 0; i < inputs.size(); ++i) {
    const Shape& shape = chosen.inputs()[i].shape;
    sources.push_back(input_operand(inputs[i], shape.channels, {width, height, shape.reduction}));
  }
  std::vector<py::array> arrays;
  for (size_t i = 0; i < chosen.outputs().size; ++i) {
    const Shape& shape = chosen.outputs()[i].shape;
    const TensorSize size(width, height, shape.reduction);
    results.push_back(output_operand(chosen.output_is_bytes(i), shape.channels, size, &arrays));
  }
  without_gil([&] {
    Team team(threads);
    chosen.run({sources.data(), sources.size()}, {results.data(), results.size()}, width, height, team,
               strip_or_default(strip, width));
  });
  return arrays;
}

// Those for a Base_Scale; None where there are none.
std::optional<BoundNetworks> networks(const BoundModel& bound, int scale) {
  const std::optional<Networks> found = networks_of(*bound.model, scale);
  if (!found) return std::nullopt;
  return BoundNetworks{bound.model, *found};
}

std::string texture_network(const BoundModel& bound) { return texture_network_of(*bound.model).name(); }

}  // namespace

void bind_network(py::module_& m) {
  using py::arg;
  py::class_<BoundModelFile>(m, "ModelFile")
      .def(py::init([](const py::bytes& data) {
             return BoundModelFile{std::shared_ptr<ModelFile>(read_model_file(bytes_of(std::string_view(data))))};
           }),
           arg("data"))
      .def("describe", &describe_file);
  py::class_<BoundNetwork>(m, "WeightFile")
      .def(py::init([](const py::bytes& data) {
             return BoundNetwork{std::shared_ptr<ModelNetwork>(read_weight_file(bytes_of(std::string_view(data))))};
           }),
           arg("data"))
      .def_property_readonly("name", [](const BoundNetwork& bound) { return bound.network->name(); });
  m.def("code_arrays", &coded_arrays, arg("arrays"));
  py::class_<BoundModel>(m, "Model")
      .def(py::init(&assembled), arg("file"), arg("networks"))
      .def("describe", &describe)
      .def("memory_bytes", &memory_bytes, arg("network"), arg("height"), arg("width"), arg("strip") = -1)
      .def("run", &run, arg("network"), arg("inputs"), arg("height"), arg("width"), arg("threads"), arg("strip") = -1)
      .def("networks", &networks, arg("scale"))
      .def("texture_network", &texture_network);
}

}  // namespace veneer
