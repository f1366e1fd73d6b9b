// Python interface of files that keep a JPEG: taking one apart, and writing it again.
#include <pybind11/pybind11.h>
#include <pybind11/stl.h>

#include <string>

#include "bindings/byte_strings.h"
#include "bindings/failures.h"
#include "bindings/without_gil.h"
#include "common/team.h"
#include "picture/enc_jpeg.h"
#include "picture/jpeg_layer.h"

namespace py = pybind11;

namespace veneer {
namespace {

py::dict encode(const py::buffer& data, int form, int tile_log2, int64_t max_pixels, int threads) {
  if (form < 0 || form > 1 || tile_log2 < kMinTileLog2 || tile_log2 > kMaxTileLog2) {
    throw py::value_error("form: 0, 1; tile_log2: 6..16");
  }
  const py::buffer_info info = data.request();
  EncodedJpeg encoded;
  without_gil([&] {
    Team team(threads);
    encoded = encode_jpeg(bytes_of(info), form, tile_log2, max_pixels, team);
  });
  py::list tiles;
  for (const Vector<uint8_t>& tile : encoded.tiles) tiles.append(python_bytes(tile));
  py::dict result;
  result["width"] = encoded.width;
  result["height"] = encoded.height;
  result["channels"] = encoded.channels;
  result["tile_log2"] = encoded.tile_log2;
  result["restorable"] = encoded.restorable;
  result["header"] = python_bytes(encoded.header);
  result["script"] = python_bytes(encoded.script);
  result["tiles"] = tiles;
  return result;
}

py::bytes decode(const py::buffer& data, int64_t max_pixels, int threads) {
  const py::buffer_info info = data.request();
  std::string file;
  without_gil([&] {
    Team team(threads);
    const auto take = [&](Bytes piece) {
      file.append(reinterpret_cast<const char*>(piece.data), piece.size);
      return true;
    };
    write_jpeg(bytes_of(info), max_pixels, team, take);
  });
  return file;
}

py::bytes front(const std::string& header, const std::string& script) {
  Contents contents;
  contents.head.base_kind = kJpeg;
  contents.jpeg_header = {0, header.size()};
  contents.jpeg_script = {static_cast<int64_t>(header.size()), script.size()};
  const std::string both = header + script;
  Vector<uint8_t> found;
  without_gil([&] { found = jpeg_front(bytes_of(both), contents); });
  return python_bytes(found);
}

}  // namespace

void bind_jpeg_file(py::module_& m) {
  m.def("jpeg_encode_file", &encode, py::arg("data"), py::kw_only(), py::arg("form"), py::arg("tile_log2"),
        py::arg("max_pixels"), py::arg("threads"));
  m.def("jpeg_decode_file", &decode, py::arg("data"), py::kw_only(), py::arg("max_pixels"), py::arg("threads"));
  m.def("jpeg_front", &front, py::arg("header"), py::arg("script"));
}

}  // namespace veneer
