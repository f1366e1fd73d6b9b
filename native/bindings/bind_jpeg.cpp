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
#include "base/jpeg/geometry.h"
#include "base/jpeg/metadata.h"
#include "base/jpeg/rebuild.h"
#include "base/jpeg/script_reading.h"
#include "bindings/views.h"
#include "bindings/without_gil.h"

namespace py = pybind11;

namespace veneer {
namespace {

Bytes span_of_text(const std::string& text) { return {reinterpret_cast<const uint8_t*>(text.data()), text.size()}; }
py::bytes python_bytes(const Vector<uint8_t>& bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

Owned<jpeg::Image> geometry_from(const std::string& geometry) {
  auto image = make_owned<jpeg::Image>();
  if (!jpeg::decode_geometry(span_of_text(geometry), image.get())) throw py::value_error("geometry: invalid");
  return image;
}

py::tuple jpeg_parse(const std::string& data, int form) {
  auto image = make_owned<jpeg::Image>();
  Vector<uint8_t> geometry, coded;
  jpeg::Script script;
  without_gil([&] {
    jpeg::parse(span_of_text(data), image.get(), &script);
    geometry = jpeg::encode_geometry(*image);
    coded = jpeg::encode_script(*image, script, form);
  });
  py::list levels;
  for (int i = 0; i < image->count; ++i) {
    const jpeg::Component& c = image->component[i];
    py::array_t<int16_t> array({c.blocks_h, c.blocks_w, jpeg::kBlockSize});
    std::copy(c.levels.begin(), c.levels.end(), array.mutable_data());
    levels.append(array);
  }
  return py::make_tuple(python_bytes(geometry), python_bytes(coded), levels);
}

// None where geometry, script and levels do not belong together.
py::object jpeg_rebuild(const std::string& geometry, const std::string& coded,
                        const std::vector<Dense<int16_t>>& levels, uint64_t limit) {
  auto image = geometry_from(geometry);
  if (levels.size() != static_cast<size_t>(image->count)) throw py::value_error("levels: an array for each component");
  for (int i = 0; i < image->count; ++i) {
    jpeg::Component& c = image->component[i];
    const Dense<int16_t>& array = levels[static_cast<size_t>(i)];
    if (array.ndim() != 3 || array.shape(0) != c.blocks_h || array.shape(1) != c.blocks_w ||
        array.shape(2) != jpeg::kBlockSize) {
      throw py::value_error("levels: [blocks_h, blocks_w, 64]");
    }
    c.levels.assign(array.data(), array.data() + array.size());
  }
  jpeg::Script script;
  Vector<uint8_t> file;
  bool good = false;
  without_gil([&] {
    if (jpeg::decode_script(span_of_text(coded), *image, limit, jpeg::ScriptPart::kAll, &script) !=
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
  const auto image = geometry_from(geometry);
  jpeg::Script script;
  if (jpeg::decode_script(span_of_text(coded), *image, limit, jpeg::ScriptPart::kMetadata, &script) !=
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
  without_gil([&] { jpeg::parse(span_of_text(data), image.get(), &script); });
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
        return python_bytes(jpeg::encode_bytes(span_of_text(plain), *geometry_from(geometry), start));
      },
      py::arg("plain"), py::arg("geometry"), py::arg("start") = 0);
  m.def(
      "jpeg_decode_bytes",
      [](const std::string& coded, const std::string& geometry, size_t size, size_t start) {
        if (size > coded.size() * 64 + 4096) throw py::value_error("size: above 64 times the data, and 4 KiB");
        return python_bytes(jpeg::decode_bytes(span_of_text(coded), *geometry_from(geometry), start, size));
      },
      py::arg("coded"), py::arg("geometry"), py::arg("size"), py::arg("start") = 0);
}

}  // namespace veneer
