// The Python module veneer._native: collects the bindings of the native core's parts.
#include <pybind11/pybind11.h>

namespace veneer {

void bind_base(pybind11::module_& m);
void bind_transform(pybind11::module_& m);

}  // namespace veneer

PYBIND11_MODULE(_native, m) {
  m.doc() = "Native core of Veneer.";
  veneer::bind_base(m);
  veneer::bind_transform(m);
}
