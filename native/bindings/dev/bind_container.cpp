// Python access to parts of the container and to the grid of tiles: tables of fields, the search after damage, files
// that arrive in pieces.
//
// Place: part of veneer._native_dev.
#include <pybind11/pybind11.h>
#include <pybind11/stl.h>

#include <string>
#include <string_view>
#include <tuple>
#include <vector>

#include "bindings/byte_strings.h"
#include "bindings/contents.h"
#include "bindings/failures.h"
#include "bindings/without_gil.h"
#include "common/chunk_search.h"
#include "container/arrival.h"
#include "container/assembly.h"
#include "container/chunks.h"
#include "container/error_name.h"
#include "container/syntax.h"
#include "picture/tile_grid.h"

namespace py = pybind11;

namespace veneer {
namespace {

py::bytes raw(const uint8_t* data, size_t size) { return {reinterpret_cast<const char*>(data), size}; }

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

// The search for the next intact chunk after damage; `types` has four bytes for each type that counts.
py::tuple find(const py::buffer& buffer, size_t start, const std::string& types, int64_t budget) {
  if (types.size() % 4) throw py::value_error("types: four bytes each");
  std::vector<uint32_t> numbers;
  for (size_t i = 0; i < types.size(); i += 4) {
    uint32_t number = 0;
    for (size_t byte = 4; byte-- > 0;) number = number << 8 | static_cast<uint8_t>(types[i + byte]);
    numbers.push_back(number);
  }
  const py::buffer_info info = buffer.request();
  FoundChunk found{};
  const Span<const uint32_t> wanted = {numbers.data(), numbers.size()};
  without_gil([&] {
    found = find_chunk(static_cast<const uint8_t*>(info.ptr), static_cast<size_t>(info.size), start, wanted, budget);
  });
  return py::make_tuple(found.offset, found.budget);
}

// A file that comes in pieces.
class Feed {
 public:
  Feed(bool strict, int64_t max_pixels) : strict_(strict), max_pixels_(max_pixels) {}

  // Types of the chunks after HEAD that are complete by these bytes.
  py::list feed(const std::string_view& piece) {
    arriving_.add(bytes_of(piece));
    py::list types;
    if (!assembly_) {
      const std::optional<Head> head = arriving_.read_head(max_pixels_);
      if (!head) return types;
      assembly_ = make_owned<Assembly>(*head, strict_);
    }
    const auto report = [this](const Problem& problem) { assembly_->report(problem); };
    while (const std::optional<Chunk> chunk = arriving_.next(report)) {
      assembly_->add(*chunk, arriving_.whole());
      types.append(raw(reinterpret_cast<const uint8_t*>(type_name(chunk->type).text), kTypeSize));
    }
    return types;
  }
  void check_complete() { assembly_->check_complete(nullptr); }
  py::object contents() const {
    return assembly_ ? py::object(contents_to_python(arriving_.whole(), assembly_->contents, true))
                     : py::object(py::none());
  }

 private:
  ArrivingChunks arriving_;
  Owned<Assembly> assembly_;
  bool strict_;
  int64_t max_pixels_;
};

}  // namespace

void bind_dev_container(py::module_& m) {
  m.def("container_syntax", &syntax,
        "The structures of a file by name: fields, whether they are repeated, bytes of fields of fixed size.");
  m.def(
      "error_name", [](int code) { return error_name(static_cast<ErrorCode>(code)); }, py::arg("code"),
      "The name of an error number.");
  m.def("tile_grid_facts", &grid_facts, py::arg("width"), py::arg("height"), py::arg("tile_log2"), py::arg("region"),
        "All that a grid of tiles says, and of a region of it.");
  m.def("find_chunk", &find, py::arg("data"), py::arg("start"), py::arg("types"), py::arg("budget"),
        "Offset of the first intact chunk of one of the types at `start` or later, -1 for none; what is left of the "
        "budget of bytes that candidates may take together.");
  py::class_<Feed>(m, "ContainerFeed")
      .def(py::init<bool, int64_t>(), py::arg("strict"), py::arg("max_pixels"))
      .def("feed", &Feed::feed)
      .def("check_complete", &Feed::check_complete)
      .def("contents", &Feed::contents);
}

}  // namespace veneer
