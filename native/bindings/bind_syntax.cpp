// Python interface of the tables of fields and of the grid of tiles, for tests that compare them with Python's.
//
// Place: part of veneer._native.
#include <pybind11/pybind11.h>
#include <pybind11/stl.h>

#include <string_view>
#include <tuple>

#include "container/chunks.h"
#include "container/error_name.h"
#include "container/syntax.h"
#include "picture/tile_grid.h"

namespace py = pybind11;

namespace veneer {
namespace {

py::tuple to_tuple(const Rect& r) { return py::make_tuple(r.x, r.y, r.width, r.height); }

py::list intervals(const Values& values) {
  py::list list;
  if (!values.empty()) list.append(py::make_tuple(values.first, values.last));
  if (values.second_first <= values.second_last) list.append(py::make_tuple(values.second_first, values.second_last));
  return list;
}

// Name, kind, ranges of values and of later ones, the values for messages, code of later ones, most, name of records.
py::tuple to_tuple(const Field& f) {
  constexpr const char* kKinds[] = {"u8", "u16", "u32", "i8", "bytes[4]", "bytes", "counted", "u32[]", "records"};
  return py::make_tuple(f.name, kKinds[static_cast<int>(f.kind)], intervals(f.valid), intervals(f.later),
                        f.valid.empty() ? "" : describe(f.valid).text, static_cast<int>(f.later_code), f.most,
                        f.records ? f.records->name : "");
}

py::dict syntax() {
  py::dict result;
  const auto add = [&](const Structure& structure) {
    py::list fields;
    for (int i = 0; i < structure.count; ++i) fields.append(to_tuple(structure.fields[i]));
    result[structure.name] = py::make_tuple(fields, structure.is_repeated, fixed_size(structure));
  };
  for (const ChunkSyntax& chunk : known_chunks()) {
    if (type_name(chunk.type).text != std::string_view(chunk.structure->name)) throw py::value_error("types");
    add(*chunk.structure);
  }
  for (const Structure* other : {&kChunkHeaderSyntax, &kChunkTrailerSyntax, &kBaseParametersSyntax, &kModelSyntax}) {
    add(*other);
  }
  return result;
}

py::dict grid_facts(int width, int height, int tile_log2, const std::tuple<int, int, int, int>& region) {
  const TileGrid grid(width, height, tile_log2);
  const Rect box = {std::get<0>(region), std::get<1>(region), std::get<2>(region), std::get<3>(region)};
  const TileRange range = grid.covering(box);
  py::list boxes, superblocks, covering;
  for (int i = 0; i < grid.count(); ++i) {
    boxes.append(to_tuple(grid.box(i)));
    superblocks.append(grid.superblocks(i));
    if (range.contains(i)) covering.append(i);
  }
  py::list numbers;
  for (int i = 0; i < range.count(); ++i) numbers.append(range[i]);
  py::dict facts;
  facts["boxes"] = boxes;
  facts["superblocks"] = superblocks;
  facts["covering"] = covering;
  facts["numbers"] = numbers;
  facts["around"] = to_tuple(grid.around(box));
  return facts;
}

}  // namespace

void bind_syntax(py::module_& m) {
  m.def("container_syntax", &syntax,
        "The structures of a file by name: fields, whether they are repeated, bytes of fields of fixed size.");
  m.def(
      "error_name", [](int code) { return error_name(static_cast<ErrorCode>(code)); }, py::arg("code"),
      "The name of an error number.");
  m.def("tile_grid_facts", &grid_facts, py::arg("width"), py::arg("height"), py::arg("tile_log2"), py::arg("region"),
        "All that a grid of tiles says, and of a region of it.");
}

}  // namespace veneer
