// What the decoder throws, as Python's VeneerError.
#pragma once
#include <pybind11/pybind11.h>

#include <string>

#include "common/failure.h"

namespace veneer {

// A problem as an object of Python's class VeneerError.
inline pybind11::object to_python(const Problem& problem) {
  const pybind11::module_ errors = pybind11::module_::import("veneer.errors");
  const pybind11::object code = errors.attr("ErrorCode")(static_cast<int>(problem.code));
  const pybind11::object offset =
      problem.offset == Problem::kNowhere ? pybind11::object(pybind11::none()) : pybind11::int_(problem.offset);
  return errors.attr("VeneerError")(code, problem.message, offset);
}

// The problem that such an object describes.
inline Problem from_python(const pybind11::object& error) {
  const auto code = static_cast<ErrorCode>(error.attr("code").cast<int>());
  const pybind11::object offset = error.attr("offset");
  return make_problem(code, offset.is_none() ? Problem::kNowhere : offset.cast<int64_t>(), "%s",
                      error.attr("message").cast<std::string>().c_str());
}

// To be called once, when the module is made.
inline void register_failures() {
  pybind11::register_local_exception_translator([](std::exception_ptr pointer) {
    try {
      if (pointer) std::rethrow_exception(pointer);
    } catch (const Failure& failure) {
      const pybind11::object error = to_python(failure.problem());
      PyErr_SetObject(reinterpret_cast<PyObject*>(Py_TYPE(error.ptr())), error.ptr());
    }
  });
}

}  // namespace veneer
