// Python interface of files that keep a JPEG: taking one apart, and writing it again.
#include <pybind11/pybind11.h>
#include <pybind11/stl.h>

#include <string>

#include "bindings/failures.h"
#include "bindings/without_gil.h"
#include "common/team.h"
#include "picture/enc_jpeg.h"
#include "picture/jpeg_layer.h"

namespace py = pybind11;

namespace veneer {
namespace {

py::bytes bytes_of(const Vector<uint8_t>& bytes) { return {reinterpret_cast<const char*>(bytes.data()), bytes.size()}; }

Bytes bytes_of(const py::buffer_info& info) {
  return {static_cast<const uint8_t*>(info.ptr), static_cast<size_t>(info.size)};
}

Bytes span_of(const std::string& text) { return {reinterpret_cast<const uint8_t*>(text.data()), text.size()}; }

py::dict encode(const py::buffer& data, int form, int tile_log2, int threads) {
  if (form < 0 || form > 1 || tile_log2 < kMinTileLog2 || tile_log2 > kMaxTileLog2) {
    throw py::value_error("form: 0, 1; tile_log2: 6..16");
  }
  const py::buffer_info info = data.request();
  EncodedJpeg encoded;
  without_gil([&] {
    Team team(threads);
    encoded = encode_jpeg(bytes_of(info), form, tile_log2, team);
  });
  py::list tiles;
  for (const Vector<uint8_t>& tile : encoded.tiles) tiles.append(bytes_of(tile));
  py::dict result;
  result["width"] = encoded.width;
  result["height"] = encoded.height;
  result["channels"] = encoded.channels;
  result["tile_log2"] = encoded.tile_log2;
  result["restorable"] = encoded.restorable;
  result["header"] = bytes_of(encoded.header);
  result["script"] = bytes_of(encoded.script);
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
  std::string text;
  without_gil([&] {
    const Vector<uint8_t> found = jpeg_front(span_of(both), contents);
    text.assign(reinterpret_cast<const char*>(found.data()), found.size());
  });
  return text;
}

}  // namespace

void bind_jpeg_file(py::module_& m) {
  m.def("jpeg_encode_file", &encode, py::arg("data"), py::kw_only(), py::arg("form"), py::arg("tile_log2"),
        py::arg("threads"));
  m.def("jpeg_decode_file", &decode, py::arg("data"), py::kw_only(), py::arg("max_pixels"), py::arg("threads"));
  m.def("jpeg_front", &front, py::arg("header"), py::arg("script"));
}

}  // namespace veneer
