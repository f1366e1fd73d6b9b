// Python interface of the syntax of JPEG files: parser, script and rebuilding by themselves, for tests and campaigns.
#include <pybind11/numpy.h>
#include <pybind11/pybind11.h>
#include <pybind11/stl.h>

#include <algorithm>
#include <cstring>
#include <string>
#include <vector>

#include "base/jpeg/enc_geometry.h"
#include "base/jpeg/enc_parse.h"
#include "base/jpeg/enc_script.h"
#include "base/jpeg/metadata.h"
#include "base/jpeg/rebuild.h"
#include "base/jpeg/script_reading.h"
#include "bindings/dev/jpeg_levels.h"
#include "bindings/without_gil.h"

namespace py = pybind11;

namespace veneer {
namespace {

py::tuple jpeg_parse(const std::string& data, int form) {
  auto image = make_owned<jpeg::Image>();
  Vector<uint8_t> geometry, coded;
  jpeg::Script script;
  without_gil([&] {
    jpeg::parse(bytes_of(data), image.get(), &script);
    geometry = jpeg::encode_geometry(*image);
    coded = jpeg::encode_script(*image, script, form);
  });
  return py::make_tuple(python_bytes(geometry), python_bytes(coded), levels_of(*image));
}

// None where geometry, script and levels do not belong together.
py::object jpeg_rebuild(const std::string& geometry, const std::string& coded, const JpegLevels& levels,
                        uint64_t limit) {
  auto image = image_of(geometry);
  set_levels(levels, image.get());
  jpeg::Script script;
  Vector<uint8_t> file;
  bool good = false;
  without_gil([&] {
    if (jpeg::decode_script(bytes_of(coded), *image, limit, jpeg::ScriptPart::kAll, &script) !=
        jpeg::ScriptState::kGood) {
      return;
    }
    const auto add = [&](Bytes bytes) {
      file.insert(file.end(), bytes.begin(), bytes.end());
      return true;
    };
    good = jpeg::rebuild(*image, script, add) == jpeg::RebuildState::kGood;
  });
  return good ? py::object(python_bytes(file)) : py::object(py::none());
}

py::object jpeg_metadata(const std::string& geometry, const std::string& coded, uint64_t limit) {
  const auto image = image_of(geometry);
  jpeg::Script script;
  if (jpeg::decode_script(bytes_of(coded), *image, limit, jpeg::ScriptPart::kMetadata, &script) !=
      jpeg::ScriptState::kGood) {
    return py::none();
  }
  const jpeg::Metadata found = jpeg::metadata_of(script);
  py::dict result;
  result["exif"] = python_bytes(found.exif);
  result["icc"] = python_bytes(found.icc);
  result["xmp"] = python_bytes(found.xmp);
  result["extended_xmp"] = python_bytes(found.extended_xmp);
  py::list comments;
  for (const auto& comment : found.comments) comments.append(python_bytes(comment));
  result["comments"] = comments;
  result["density"] = found.has_density
                          ? py::object(py::make_tuple(found.density_unit, found.density_x, found.density_y))
                          : py::object(py::none());
  return result;
}

// What the script has before it is coded: bytes of text, scans, notes of all kinds.
py::dict jpeg_inspect(const std::string& data) {
  auto image = make_owned<jpeg::Image>();
  jpeg::Script script;
  without_gil([&] { jpeg::parse(bytes_of(data), image.get(), &script); });
  size_t flips = 0, zero_runs = 0, intervals = 0, tables = 0;
  for (const jpeg::ScanNotes& notes : script.scans) {
    flips += notes.flips.size();
    zero_runs += notes.zero_runs.size();
    intervals += notes.intervals.size();
  }
  for (const jpeg::OptimalTable& table : script.tables) tables += table.size;
  py::dict result;
  result["components"] = image->count;
  result["width"] = image->width;
  result["height"] = image->height;
  result["colour"] = static_cast<int>(image->colour);
  result["text"] = script.text.size();
  result["scans"] = script.scans.size();
  result["flips"] = flips;
  result["zero_runs"] = zero_runs;
  result["intervals"] = intervals;
  result["padding"] = script.padding.size();
  result["tables"] = tables;
  return result;
}

}  // namespace

void bind_jpeg(py::module_& m) {
  const uint64_t most = uint64_t{1} << 31;
  m.def("jpeg_parse", &jpeg_parse, py::arg("data"), py::kw_only(), py::arg("form") = 1);
  m.def("jpeg_rebuild", &jpeg_rebuild, py::arg("geometry"), py::arg("script"), py::arg("levels"), py::kw_only(),
        py::arg("limit") = most);
  m.def("jpeg_metadata", &jpeg_metadata, py::arg("geometry"), py::arg("script"), py::kw_only(),
        py::arg("limit") = most);
  m.def("jpeg_inspect", &jpeg_inspect, py::arg("data"));
  m.def(
      "jpeg_encode_bytes",
      [](const std::string& plain, const std::string& geometry, size_t start) {
        return python_bytes(jpeg::encode_bytes(bytes_of(plain), *image_of(geometry), start));
      },
      py::arg("plain"), py::arg("geometry"), py::arg("start") = 0);
  m.def(
      "jpeg_decode_bytes",
      [](const std::string& coded, const std::string& geometry, size_t size, size_t start) {
        if (size > coded.size() * 64 + 4096) throw py::value_error("size: above 64 times the data, and 4 KiB");
        return python_bytes(jpeg::decode_bytes(bytes_of(coded), *image_of(geometry), start, size));
      },
      py::arg("coded"), py::arg("geometry"), py::arg("size"), py::arg("start") = 0);
}

}  // namespace veneer
