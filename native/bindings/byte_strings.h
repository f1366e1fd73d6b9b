// Bytes of Python as the core reads them, which the caller keeps, and bytes of the core as Python has them.
#pragma once
#include <pybind11/pybind11.h>

#include <string_view>

#include "common/memory.h"
#include "common/span.h"

namespace veneer {

inline Bytes bytes_of(std::string_view text) { return {reinterpret_cast<const uint8_t*>(text.data()), text.size()}; }
inline Bytes bytes_of(const pybind11::buffer_info& info) {
  return {static_cast<const uint8_t*>(info.ptr), static_cast<size_t>(info.size)};
}

inline pybind11::bytes python_bytes(const Vector<uint8_t>& bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

}  // namespace veneer
