// Images of JPEGs and their levels as arrays, an array [blocks_h, blocks_w, 64] for each component.
#pragma once
#include <pybind11/numpy.h>
#include <pybind11/stl.h>

#include <algorithm>
#include <string>
#include <vector>

#include "base/jpeg/geometry.h"
#include "bindings/byte_strings.h"
#include "bindings/views.h"

namespace veneer {

using JpegLevels = std::vector<Dense<int16_t>>;

// An image without levels, of the payload of JHDR.
inline Owned<jpeg::Image> image_of(const std::string& geometry) {
  auto image = make_owned<jpeg::Image>();
  if (!jpeg::decode_geometry(bytes_of(geometry), image.get())) throw pybind11::value_error("geometry: invalid");
  return image;
}

inline pybind11::list levels_of(const jpeg::Image& image) {
  pybind11::list levels;
  for (int i = 0; i < image.count; ++i) {
    const jpeg::Component& c = image.component[i];
    pybind11::array_t<int16_t> array({c.blocks_h, c.blocks_w, jpeg::kBlockSize});
    std::copy(c.levels.begin(), c.levels.end(), array.mutable_data());
    levels.append(array);
  }
  return levels;
}

inline void set_levels(const JpegLevels& levels, jpeg::Image* image) {
  if (levels.size() != static_cast<size_t>(image->count)) {
    throw pybind11::value_error("levels: an array for each component");
  }
  for (int i = 0; i < image->count; ++i) {
    jpeg::Component& c = image->component[i];
    const Dense<int16_t>& array = levels[static_cast<size_t>(i)];
    if (array.ndim() != 3 || array.shape(0) != c.blocks_h || array.shape(1) != c.blocks_w ||
        array.shape(2) != jpeg::kBlockSize) {
      throw pybind11::value_error("levels: [blocks_h, blocks_w, 64]");
    }
    c.levels.assign(array.data(), array.data() + array.size());
  }
}

}  // namespace veneer
