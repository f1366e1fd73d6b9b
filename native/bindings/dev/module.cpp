// The Python module veneer._native_dev: parts of the core on their own, for tests, benchmarks and the training of tables.
//
// Place: beside veneer._native, with a core of its own: force_target() and set_warm_table() of one module do not change
// the other. Wheels that are released leave it out.
#include <pybind11/pybind11.h>

#include "bindings/failures.h"

namespace veneer {

void bind_base(pybind11::module_& m);
void bind_common(pybind11::module_& m);
void bind_dev_container(pybind11::module_& m);
void bind_jpeg(pybind11::module_& m);
void bind_jpeg_levels(pybind11::module_& m);
void bind_dev_network(pybind11::module_& m);
void bind_prediction(pybind11::module_& m);
void bind_range_coder(pybind11::module_& m);
void bind_tables(pybind11::module_& m);
void bind_transform(pybind11::module_& m);

}  // namespace veneer

PYBIND11_MODULE(_native_dev, m) {
  m.doc() = "Parts of Veneer's native core, for tests and benchmarks.";
  veneer::register_failures();
  veneer::bind_base(m);
  veneer::bind_common(m);
  veneer::bind_dev_container(m);
  veneer::bind_jpeg(m);
  veneer::bind_jpeg_levels(m);
  veneer::bind_dev_network(m);
  veneer::bind_prediction(m);
  veneer::bind_range_coder(m);
  veneer::bind_tables(m);
  veneer::bind_transform(m);
}
