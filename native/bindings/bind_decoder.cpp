// Python interface of the whole decoder: files to pixels, at once or while they arrive. Conversions only.
#include <pybind11/numpy.h>
#include <pybind11/pybind11.h>
#include <pybind11/stl.h>

#include <memory>

#include "bindings/bound_model.h"
#include "bindings/contents.h"
#include "bindings/failures.h"
#include "bindings/without_gil.h"
#include "common/team.h"
#include "picture/progressive.h"

namespace py = pybind11;

namespace veneer {
namespace {

// Asks an object of Python for models: find(id, check), a ModelFile; network(name, sha256), a WeightFile; and filling(),
// a WeightFile or None. It is called without Python's lock, which it takes.
class PythonModels final : public ModelSource {
 public:
  explicit PythonModels(py::object finder) : finder_(std::move(finder)) {}

  std::shared_ptr<const ModelFile> find(const ModelSlot& slot) override {
    return asked<ModelFile>([&] {
      const py::object found = finder_.attr("find")(slot.model_id, bytes_of_hash(slot.check));
      return found.cast<const BoundModelFile&>().file;
    });
  }
  std::shared_ptr<const ModelNetwork> network(const NetworkEntry& entry) override {
    return asked<ModelNetwork>([&] {
      const py::object found = finder_.attr("network")(entry.name, bytes_of_hash(entry.sha256));
      return found.cast<const BoundNetwork&>().network;
    });
  }
  std::shared_ptr<const ModelNetwork> filling() override {
    return asked<ModelNetwork>([&] {
      const py::object found = finder_.attr("filling")();
      return found.is_none() ? nullptr : found.cast<const BoundNetwork&>().network;
    });
  }

 private:
  template <size_t N>
  static py::bytes bytes_of_hash(const uint8_t (&hash)[N]) {
    return {reinterpret_cast<const char*>(hash), N};
  }

  template <typename T, typename Question>
  static std::shared_ptr<const T> asked(const Question& question) {
    return with_gil([&]() -> std::shared_ptr<const T> {
      try {
        return question();
      } catch (py::error_already_set& error) {
        if (!error.matches(py::module_::import("veneer.errors").attr("VeneerError"))) throw;
        throw Failure(from_python(error.value()));
      }
    });
  }

  py::object finder_;
};

DecodeSettings settings_of(int layers, int realism, const std::optional<std::array<int, 4>>& region, bool strict,
                           int64_t max_pixels) {
  DecodeSettings settings;
  settings.layers = static_cast<Layers>(layers);
  settings.realism = realism;
  if (region) settings.region = Rect{(*region)[0], (*region)[1], (*region)[2], (*region)[3]};
  settings.strict = strict;
  settings.max_pixels = max_pixels;
  return settings;
}

// An array of a picture that `owner` keeps: uint8, or of samples of two bytes uint16, or float16 of half floats.
py::array array_of(const Image<uint8_t>& image, int bytes_per_sample, bool is_half, const py::capsule& owner) {
  const py::dtype two_bytes = is_half ? py::dtype("e") : py::dtype::of<uint16_t>();
  const py::dtype type = bytes_per_sample == 1 ? py::dtype::of<uint8_t>() : two_bytes;
  return py::array(type, {image.height(), image.width(), image.channels() / bytes_per_sample}, image.data(), owner);
}

// One that owns the samples of a picture.
py::array to_array(DecodedPicture&& picture) {
  auto* const kept = new Image<uint8_t>(std::move(picture.pixels));
  const py::capsule owner(kept, [](void* each) { delete static_cast<Image<uint8_t>*>(each); });
  return array_of(*kept, picture.bytes_per_sample, picture.is_half, owner);
}

// An array, not to be written to, of a picture of the decoder; None for none.
py::object to_shared_array(const SharedPicture& picture, int channels, bool is_half) {
  if (!picture) return py::none();
  const py::capsule owner(new SharedPicture(picture), [](void* each) { delete static_cast<SharedPicture*>(each); });
  py::array array = array_of(*picture, picture->channels() / channels, is_half, owner);
  array.attr("setflags")(false);
  return std::move(array);
}

py::list to_list(const Vector<Problem>& problems) {
  py::list list;
  for (const Problem& problem : problems) list.append(to_python(problem));
  return list;
}

py::tuple decode_file(const py::buffer& data, int layers, int realism, std::optional<std::array<int, 4>> region,
                      bool strict, int64_t max_pixels, int threads, py::object models) {
  const py::buffer_info bytes = data.request();
  PythonModels source(std::move(models));
  ProblemLog problems;
  DecodedPicture picture;
  without_gil([&] {
    Team team(threads);
    picture = decode({static_cast<const uint8_t*>(bytes.ptr), static_cast<size_t>(bytes.size)},
                     settings_of(layers, realism, region, strict, max_pixels), source, team, &problems);
  });
  return py::make_tuple(to_array(std::move(picture)), to_list(problems.entries()));
}

// A decoder with what it needs.
class PushDecoder {
 public:
  PushDecoder(int layers, int realism, int64_t max_pixels, int threads, py::object models)
      : models_(std::move(models)),
        threads_(threads),
        decoder_(settings_of(layers, realism, {}, false, max_pixels), models_, runner_) {}

  py::list feed(const py::buffer& data) {
    const py::buffer_info bytes = data.request();
    return run([&] { decoder_.feed({static_cast<const uint8_t*>(bytes.ptr), static_cast<size_t>(bytes.size)}); });
  }
  py::list finish() {
    return run([&] { decoder_.finish(); });
  }
  py::object picture() {
    SharedPicture picture;
    const bool is_half = decoder_.contents() && sample_type(decoder_.contents()->head).is_half;
    without_gil([&] {
      const WithTeam team(this);
      picture = decoder_.picture();
    });
    return to_shared_array(picture, channels(), is_half);
  }
  py::object preview() const { return to_shared_array(decoder_.preview(), channels(), false); }
  py::list problems() const { return to_list(decoder_.problems()); }
  py::object contents() const {
    if (decoder_.contents() == nullptr) return py::none();
    return contents_to_python(decoder_.file(), *decoder_.contents(), false);
  }
  size_t size() const { return decoder_.file().size; }
  int tiles_shown() const { return decoder_.tiles_shown(); }
  bool finished() const { return decoder_.finished(); }

 private:
  // Threads that live as long as a call, so that a decoder which waits for bytes has none.
  class CallRunner final : public Runner {
   public:
    int threads() const override { return team ? team->threads() : 1; }
    void run(int count, FunctionRef<void(int)> work) override { team ? team->run(count, work) : here.run(count, work); }
    std::optional<Team> team;
    SameThread here;
  };
  struct WithTeam {
    explicit WithTeam(PushDecoder* decoder) : runner(decoder->runner_) { runner.team.emplace(decoder->threads_); }
    ~WithTeam() { runner.team.reset(); }
    CallRunner& runner;
  };

  // Does something and returns the events: kind, region or None, problem or None. What has happened before an
  // error is lost with it.
  template <typename Work>
  py::list run(const Work& work) {
    without_gil([&] {
      const WithTeam team(this);
      work();
    });
    py::list events;
    while (const std::optional<Event> event = decoder_.next_event()) {
      const Rect& region = event->region;
      const py::object place =
          region.empty() ? py::object(py::none()) : py::make_tuple(region.x, region.y, region.width, region.height);
      const py::object problem = event->kind == EventKind::kProblem ? to_python(event->problem) : py::none();
      events.append(py::make_tuple(static_cast<int>(event->kind), place, problem));
    }
    return events;
  }

  int channels() const { return decoder_.contents() ? decoder_.contents()->head.channels : 1; }

  PythonModels models_;
  int threads_;
  CallRunner runner_;
  ProgressiveDecoder decoder_;
};

}  // namespace

void bind_decoder(py::module_& m) {
  m.def("decode", &decode_file, py::arg("data"), py::kw_only(), py::arg("layers"), py::arg("realism"),
        py::arg("region"), py::arg("strict"), py::arg("max_pixels"), py::arg("threads"), py::arg("models"));
  py::class_<PushDecoder>(m, "PushDecoder")
      .def(py::init<int, int, int64_t, int, py::object>(), py::kw_only(), py::arg("layers"), py::arg("realism"),
           py::arg("max_pixels"), py::arg("threads"), py::arg("models"))
      .def("feed", &PushDecoder::feed, py::arg("data"))
      .def("finish", &PushDecoder::finish)
      .def("picture", &PushDecoder::picture)
      .def("preview", &PushDecoder::preview)
      .def("problems", &PushDecoder::problems)
      .def("contents", &PushDecoder::contents)
      .def_property_readonly("size", &PushDecoder::size)
      .def_property_readonly("tiles_shown", &PushDecoder::tiles_shown)
      .def_property_readonly("finished", &PushDecoder::finished);
}

}  // namespace veneer
