// Python access to what models are made with: hashes, distributions of latents, the memory of a network, the peak of
// kernels.
//
// Place: part of veneer._native_dev.
#include <pybind11/numpy.h>
#include <pybind11/pybind11.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <string>
#include <string_view>

#include "bindings/byte_strings.h"
#include "bindings/without_gil.h"
#include "common/sha256.h"
#include "network/distributions.h"
#include "network/kernels.h"
#include "network/model.h"

namespace py = pybind11;

namespace veneer {
namespace {

using network::Operand;

py::bytes hash_of(const py::bytes& data) {
  uint8_t hash[32];
  sha256(bytes_of(std::string_view(data)), hash);
  return {reinterpret_cast<const char*>(hash), sizeof hash};
}

// Latents of a payload, each with the distribution that `indices` names.
py::array_t<int16_t> decode_latents(const py::bytes& payload, const py::array_t<uint8_t>& indices) {
  const Bytes data = bytes_of(std::string_view(payload));
  RangeDecoder coder(data.data, data.size);
  py::array_t<int16_t> result(indices.size());
  for (py::ssize_t i = 0; i < indices.size(); ++i) {
    const int32_t symbol = latent_distribution(indices.at(i) % kLatentDistributions).decode(coder);
    result.mutable_at(i) = static_cast<int16_t>(symbol - kMaxLatent);
  }
  return result;
}

// Memory of the system that counts the blocks which are taken.
class CountingMemory {
 public:
  const Memory& memory() const { return memory_; }
  int blocks() const { return blocks_; }

 private:
  static void* allocate(void* self, size_t size) {
    ++static_cast<CountingMemory*>(self)->blocks_;
    return system_memory().allocate(system_memory().opaque, size);
  }
  static void release(void* self, void* block) {
    --static_cast<CountingMemory*>(self)->blocks_;
    system_memory().release(system_memory().opaque, block);
  }

  std::atomic<int> blocks_{0};
  Memory memory_{allocate, release, this};
};

// Blocks that are taken of the memory that the network of a weight file is made with: before and after it has run with
// other memory; then of that other memory; then of the network's when it is gone.
py::tuple memory_of_network(const py::bytes& data) {
  CountingMemory of_network, of_run;
  int before, after;
  {
    Owned<ModelNetwork> made;
    {
      const MemoryScope scope(of_network.memory());
      made = read_weight_file(bytes_of(std::string_view(data)));
    }
    before = of_network.blocks();
    const MemoryScope scope(of_run.memory());
    const ModelNetwork& network = *made;
    Vector<int16_t> values(1024, 0);  // one pixel of any tensor
    Vector<Operand> inputs, outputs;
    for (const TensorInfo& t : network.inputs()) {
      inputs.push_back(network::dense_operand(values.data(), false, 1, 1, t.shape.channels));
    }
    for (const TensorInfo& t : network.outputs()) {
      outputs.push_back(network::dense_operand(values.data(), false, 1, 1, t.shape.channels));
    }
    SameThread runner;
    network.run({inputs.data(), inputs.size()}, {outputs.data(), outputs.size()}, 1, 1, runner);
    after = of_network.blocks();
  }
  return py::make_tuple(before, after, of_run.blocks(), of_network.blocks());
}

// Multiply-accumulates per second of one core that does nothing else, in units of 10^9: best of `repeats`.
double multiply_peak(const std::string& target, int repeats) {
  const network::Kernels* kernels = network::find_kernels(target.c_str());
  if (!kernels) throw py::value_error("target not available: " + target);
  double best = 0;
  without_gil([&] {
    for (int i = 0; i < repeats; ++i) {
      const auto start = std::chrono::steady_clock::now();
      const int64_t count = kernels->multiply_registers(20000);
      const std::chrono::duration<double> seconds = std::chrono::steady_clock::now() - start;
      best = std::max(best, static_cast<double>(count) / seconds.count() / 1e9);
    }
  });
  return best;
}

}  // namespace

void bind_dev_network(py::module_& m) {
  using py::arg;
  m.def("memory_of_network", &memory_of_network, arg("data"));
  m.def("sha256", &hash_of, arg("data"));
  m.def("multiply_peak", &multiply_peak, arg("target"), arg("repeats") = 20);
  m.def("decode_latents", &decode_latents, arg("payload"), arg("indices"));
}

}  // namespace veneer
