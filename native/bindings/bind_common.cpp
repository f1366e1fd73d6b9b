// Python interface of what all parts share: checksums, the CPU, the choice of kernels.
//
// Place: part of veneer._native, reached through src/veneer/backend.py.
#include <pybind11/pybind11.h>

#include <algorithm>
#include <array>
#include <string>

#include "base/dct.h"
#include "bindings/without_gil.h"
#include "common/cpu.h"
#include "common/crc32c.h"
#include "network/kernels.h"

namespace py = pybind11;

namespace veneer {
namespace {

constexpr Py_ssize_t kReleaseGilSize = 1 << 16;  // bytes; below, releasing it takes longer than the sum

// The bytes of a contiguous buffer, pinned while this lives.
class Bytes {
 public:
  explicit Bytes(const py::object& source) {
    if (PyObject_GetBuffer(source.ptr(), &view_, PyBUF_SIMPLE) != 0) throw py::error_already_set();
  }
  ~Bytes() { PyBuffer_Release(&view_); }
  Bytes(const Bytes&) = delete;
  Bytes& operator=(const Bytes&) = delete;

  const uint8_t* data() const { return static_cast<const uint8_t*>(view_.buf); }
  Py_ssize_t size() const { return view_.len; }

 private:
  Py_buffer view_;
};

uint32_t checksum(const py::buffer& buffer, uint32_t value) {
  const Bytes bytes(buffer);
  const auto add = [&] { value = crc32c(bytes.data(), static_cast<size_t>(bytes.size()), value); };
  if (bytes.size() >= kReleaseGilSize) {
    without_gil(add);
  } else {
    add();
  }
  return value;
}

py::dict features() {
  const CpuFeatures& cpu = cpu_features();
  py::dict result;
  result["avx2"] = cpu.avx2;
  result["avx512"] = cpu.avx512;
  result["neon"] = cpu.neon;
  return result;
}

bool force_target(const std::string& name) {
  constexpr std::array<const char*, 5> kNames{"auto", "scalar", "avx2", "avx512", "neon"};
  if (std::find(kNames.begin(), kNames.end(), name) == kNames.end()) throw py::value_error("no such target: " + name);
  if (!force_kernels(name.c_str())) return false;
  network::choose_kernels(name.c_str());
  return true;
}

}  // namespace

void bind_common(py::module_& m) {
  m.def("crc32c", &checksum, py::arg("data"), py::arg("value") = 0,
        "CRC-32C of the bytes that gave `value`, followed by `data`.");
  m.def("cpu_features", &features, "Instruction sets that this CPU and its operating system let us use.");
  m.def("force_target", &force_target, py::arg("name"),
        "Chooses the block kernels of 'scalar', 'avx2', 'avx512' or 'neon', or the best ('auto'); False, and no "
        "change, where this CPU or build lacks them.");
}

}  // namespace veneer
