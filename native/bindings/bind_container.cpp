// Python interface of the container: what a file holds, as plain values.
//
// Place: part of veneer._native.
#include <pybind11/pybind11.h>
#include <pybind11/stl.h>

#include <tuple>

#include "bindings/byte_strings.h"
#include "bindings/contents.h"
#include "bindings/failures.h"
#include "bindings/without_gil.h"
#include "container/chunks.h"
#include "container/reader.h"

namespace py = pybind11;

namespace veneer {
namespace {

using Region = std::tuple<int, int, int, int>;

Rect to_rect(const Region& r) { return {std::get<0>(r), std::get<1>(r), std::get<2>(r), std::get<3>(r)}; }

py::bytes raw(const uint8_t* data, size_t size) { return {reinterpret_cast<const char*>(data), size}; }

py::object taken(Bytes file, const Extent& place) {
  if (!place.present()) return py::none();
  return raw(place.in(file).data, place.size);
}

py::tuple to_tuple(const ModelSlot& slot) { return py::make_tuple(slot.model_id, raw(slot.check, 4), slot.role); }

// In the order of HEAD.
py::tuple to_tuple(const Head& h) {
  const BaseParams& base = h.base_params;
  py::list models;
  for (const ModelSlot& slot : h.model_table()) models.append(to_tuple(slot));
  return py::make_tuple(h.format_version, h.width, h.height, h.channels, h.bit_depth, h.colour_primaries,
                        h.transfer_characteristics, h.matrix_coefficients, h.full_range, h.base_kind, h.base_scale,
                        h.tile_log2, h.tune, h.default_realism, h.noise_seed, base.step_index, base.plane_offset[0],
                        base.plane_offset[1], base.matrix, base.step_group_log2, base.tools, py::tuple(models),
                        raw(h.base, sizeof h.base), h.max_error, h.sample_format);
}

template <typename Problems>
py::list to_list(const Problems& problems) {
  py::list list;
  for (const Problem& problem : problems) list.append(to_python(problem));
  return list;
}

py::list to_list(Bytes file, const Vector<Extent>& tiles, bool with_tiles) {
  py::list list;
  for (const Extent& tile : tiles) list.append(taken(file, with_tiles || !tile.present() ? tile : tile.first(0)));
  return list;
}

py::object to_object(const std::optional<ContentLight>& light) {
  if (!light) return py::none();
  return py::make_tuple(light->max_content, light->max_frame_average);
}

py::object to_object(const std::optional<MasteringVolume>& volume) {
  if (!volume) return py::none();
  py::list numbers;
  for (const uint32_t number : volume->numbers) numbers.append(number);
  return py::tuple(numbers);
}

// In the order of gMAP.
py::object to_object(Bytes file, const std::optional<CodedGainMap>& map) {
  if (!map) return py::none();
  return py::make_tuple(map->metadata_kind, map->metadata.size, taken(file, map->metadata), map->colour[0],
                        map->colour[1], map->colour[2], map->colour[3], map->alternate_icc.size,
                        taken(file, map->alternate_icc), taken(file, map->picture));
}

py::tuple to_tuple(Bytes file, const Metadata& m) {
  py::list texts;
  for (const TextEntry& entry : m.texts)
    texts.append(py::make_tuple(taken(file, entry.keyword), taken(file, entry.text)));
  const py::object density =
      m.has_density ? py::object(py::make_tuple(m.unit, m.density_x, m.density_y)) : py::object(py::none());
  return py::make_tuple(taken(file, m.icc), taken(file, m.exif), taken(file, m.xmp), taken(file, m.iptc),
                        py::tuple(texts), density, to_object(m.content_light), to_object(m.mastering_volume),
                        to_object(file, m.gain_map));
}

py::object slot_or_none(const ModelSlot* slot) { return slot ? py::object(to_tuple(*slot)) : py::object(py::none()); }

}  // namespace

py::dict contents_to_python(Bytes file, const Contents& contents, bool with_tiles) {
  py::list enhancement;
  for (const std::optional<EnhancementChunk>& chunk : contents.enhancement) {
    enhancement.append(chunk ? py::object(py::make_tuple(chunk->tile, chunk->slot, chunk->flags, chunk->strength,
                                                         taken(file, chunk->data)))
                             : py::object(py::none()));
  }
  py::dict result;
  result["head"] = to_tuple(contents.head);
  result["metadata"] = to_tuple(file, contents.metadata);
  result["colour_tiles"] = to_list(file, contents.colour_tiles, with_tiles);
  result["alpha_tiles"] = to_list(file, contents.alpha_tiles, with_tiles);
  result["enhancement"] = enhancement;
  result["problems"] = to_list(contents.problems.kept());
  result["problem_entries"] = to_list(contents.problems.entries());
  result["problem_count"] = contents.problems.count();
  result["preview"] = py::none();
  if (const auto& preview = contents.preview) {
    result["preview"] = py::make_tuple(raw(preview->parameters, kBaseParamsSize), taken(file, preview->colour),
                                       preview->has_alpha ? taken(file, preview->alpha) : py::none());
  }
  result["jpeg"] = py::make_tuple(taken(file, contents.jpeg_header), taken(file, contents.jpeg_script));
  result["cut_tile"] = contents.cut_tile;
  result["model"] = slot_or_none(contents.model());
  result["texture_slot"] = slot_or_none(texture_slot(contents.head));
  return result;
}

namespace {

py::dict read(const py::buffer& data, bool strict, int64_t max_pixels, const std::optional<Region>& region,
              bool enhancement) {
  const py::buffer_info info = data.request();
  const Bytes file = bytes_of(info);
  const auto choose = [&](const Head&, const ModelSlot*) { return to_rect(*region); };
  const Needed needed = choose;
  std::optional<Contents> contents;
  without_gil([&] { contents = read_contents(file, strict, max_pixels, region ? &needed : nullptr, enhancement); });
  return contents_to_python(file, *contents, true);
}

py::dict front(const py::buffer& data, int64_t max_pixels) {
  const py::buffer_info info = data.request();
  return contents_to_python(bytes_of(info), read_front(bytes_of(info), max_pixels), true);
}

// What is met on the way through the chunks of a file from `position` on: offset, type, bytes of payload, whether the
// checksum agrees, and how many bytes are missing; or a problem.
py::list chunks(const py::buffer& data, size_t position) {
  const py::buffer_info info = data.request();
  py::list met;
  const auto report = [&](const Problem& problem) { met.append(to_python(problem)); };
  ChunkReader reader(bytes_of(info), position, report);
  while (const std::optional<Chunk> chunk = reader.next()) {
    met.append(py::make_tuple(chunk->offset, py::bytes(type_name(chunk->type).text, kTypeSize), chunk->payload.size,
                              chunk->intact, chunk->missing));
  }
  return met;
}

}  // namespace

void bind_container(py::module_& m) {
  m.def("container_read_contents", &read, py::arg("data"), py::arg("strict"), py::arg("max_pixels"), py::arg("region"),
        py::arg("enhancement"), "What a file holds, or the tiles of a region of its base picture.");
  m.def("container_read_front", &front, py::arg("data"), py::arg("max_pixels"),
        "What a file holds before its first tile.");
  m.def("container_chunks", &chunks, py::arg("data"), py::arg("position"));
  m.def(
      "check_signature",
      [](const py::buffer& data) {
        const py::buffer_info info = data.request();
        check_signature(bytes_of(info));
      },
      py::arg("data"));
}

}  // namespace veneer
