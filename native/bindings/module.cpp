// The Python module veneer._native: collects the bindings of the native core's parts.
#include <pybind11/pybind11.h>

#include "bindings/failures.h"

namespace veneer {

void bind_base(pybind11::module_& m);
void bind_common(pybind11::module_& m);
void bind_container(pybind11::module_& m);
void bind_enhance(pybind11::module_& m);
void bind_decoder(pybind11::module_& m);
void bind_filters(pybind11::module_& m);
void bind_entropy(pybind11::module_& m);
void bind_engine(pybind11::module_& m);
void bind_jpeg_pixels(pybind11::module_& m);
void bind_jpeg_file(pybind11::module_& m);
void bind_modular(pybind11::module_& m);
void bind_network(pybind11::module_& m);
void bind_picture(pybind11::module_& m);

}  // namespace veneer

PYBIND11_MODULE(_native, m) {
  m.doc() = "Native core of Veneer.";
  veneer::register_failures();
  veneer::bind_base(m);
  veneer::bind_common(m);
  veneer::bind_container(m);
  veneer::bind_enhance(m);
  veneer::bind_decoder(m);
  veneer::bind_filters(m);
  veneer::bind_entropy(m);
  veneer::bind_engine(m);
  veneer::bind_jpeg_pixels(m);
  veneer::bind_jpeg_file(m);
  veneer::bind_modular(m);
  veneer::bind_network(m);
  veneer::bind_picture(m);
}
