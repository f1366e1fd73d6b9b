// What a file holds, as plain values of Python; container.py makes its dataclasses of them.
#pragma once
#include <pybind11/pybind11.h>

#include "container/contents.h"

namespace veneer {

// with_tiles: and the payloads of tiles, which else are empty where there are any.
pybind11::dict contents_to_python(Bytes file, const Contents& contents, bool with_tiles);

}  // namespace veneer
