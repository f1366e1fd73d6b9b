// The C interface of the decoder: veneer/decode.h over picture/progressive.h. No logic of its own.
#include "include/veneer/decode.h"

#include <algorithm>
#include <atomic>
#include <cstdio>
#include <cstring>
#include <optional>
#include <utility>

#include "common/sha256.h"
#include "common/team.h"
#include "container/metadata.h"
#include "container/reader.h"
#include "picture/jpeg_layer.h"
#include "picture/network_finder.h"
#include "picture/progressive.h"

using veneer::Bytes;
using veneer::Failure;
using veneer::FunctionRef;
using veneer::Memory;
using veneer::MemoryScope;
using veneer::ModelFile;
using veneer::ModelNetwork;
using veneer::ModelSlot;
using veneer::NeededNetwork;
using veneer::NetworkEntry;
using veneer::Owned;
using veneer::Problem;
using veneer::ProgressiveDecoder;
using veneer::Rect;
using veneer::Runner;
using veneer::Vector;

namespace {

constexpr int kMostThreads = 256;

Memory memory_of(const VeneerAllocator* allocator) {
  if (allocator == nullptr) return veneer::system_memory();
  return {allocator->allocate, allocator->release, allocator->opaque};
}

VeneerProblem to_c(const Problem& problem) {
  VeneerProblem result;
  static_assert(sizeof result.message == sizeof problem.message, "as long");
  result.code = static_cast<int>(problem.code);
  result.offset = problem.offset;
  std::memcpy(result.message, problem.message, sizeof result.message);
  return result;
}

VeneerRect to_c(const Rect& rect) { return {rect.x, rect.y, rect.width, rect.height}; }

VeneerBytes to_c(const veneer::Extent& extent, Bytes file) {
  const Bytes bytes = extent.in(file);
  return {extent.present() ? bytes.data : nullptr, bytes.size};
}

VeneerMasteringDisplay to_c(const veneer::MasteringVolume& volume) {
  const uint32_t* const n = volume.numbers;
  uint16_t places[8];
  for (int i = 0; i < 8; ++i) places[i] = static_cast<uint16_t>(n[i]);
  return {places[0], places[1], places[2], places[3], places[4], places[5], places[6], places[7], n[8], n[9]};
}

// A picture of so many samples a pixel.
VeneerImage to_c(const veneer::SharedPicture& picture, int channels, const veneer::SampleType& type) {
  if (!picture) return {};
  const veneer::View<const uint8_t> view = picture->view();
  return {view.data,   view.width,
          view.height, channels,
          view.stride, view.channels / channels,
          type.depth,  type.is_half ? VENEER_HALF_FLOATS : VENEER_INTEGERS};
}

// The caller's threads.
class CallersRunner final : public Runner {
 public:
  explicit CallersRunner(const VeneerRunner& runner) : runner_(runner) {}
  int threads() const override { return std::clamp(runner_.threads, 1, kMostThreads); }
  void run(int count, FunctionRef<void(int)> work) override {
    runner_.run(
        runner_.opaque, count, [](void* data, int index) { (*static_cast<FunctionRef<void(int)>*>(data))(index); },
        &work);
  }

 private:
  VeneerRunner runner_;
};

// An object after the description of its allocator, which its containers refer to.
template <typename T>
struct Placed {
  Memory memory;
  alignas(T) unsigned char object[sizeof(T)];
};

template <typename T, typename... Arguments>
T* create(const Memory& given, Arguments&&... arguments) {
  void* const block = veneer::take_memory(given, sizeof(Placed<T>), alignof(Placed<T>));
  auto* const placed = new (block) Placed<T>;
  placed->memory = given;
  const MemoryScope scope(placed->memory);
  try {
    return new (placed->object) T(placed->memory, std::forward<Arguments>(arguments)...);
  } catch (...) {
    veneer::release_memory(given, block, alignof(Placed<T>));
    throw;
  }
}

template <typename T>
void destroy(T* object) {
  const Memory memory = object->memory;
  void* const block = const_cast<Memory*>(&object->memory);
  object->~T();
  veneer::release_memory(memory, block, alignof(Placed<T>));
}

}  // namespace

struct VeneerModel {
  VeneerModel(const Memory& own, Bytes data) : memory(own), model(veneer::read_model_file(data)) {
    veneer::sha256(data, sha256);
  }

  const Memory& memory;
  std::atomic<int> owners{1};
  const Owned<ModelFile> model;
  uint8_t sha256[32];
};

struct VeneerNetwork {
  VeneerNetwork(const Memory& own, Bytes data) : memory(own), network(veneer::read_weight_file(data)) {
    veneer::sha256(data, sha256);
  }

  const Memory& memory;
  std::atomic<int> owners{1};
  const Owned<ModelNetwork> network;
  uint8_t sha256[32];
};

namespace {

// The models and networks that a decoder was given.
class GivenModels final : public veneer::ModelSource {
 public:
  ~GivenModels() override {
    for (VeneerModel* model : models_) veneer_model_release(model);
    for (VeneerNetwork* network : networks_) veneer_network_release(network);
  }

  void add(VeneerModel* model) {
    models_.push_back(model);
    ++model->owners;
  }
  void add(VeneerNetwork* network) {
    networks_.push_back(network);
    ++network->owners;
  }

  // nullptr: not given.
  const ModelFile* known(const ModelSlot& slot) const {
    for (const VeneerModel* each : models_) {
      const bool is_same = std::memcmp(each->sha256, slot.check, sizeof slot.check) == 0;
      if (is_same && each->model->id == static_cast<uint32_t>(slot.model_id)) return each->model.get();
    }
    return nullptr;
  }
  bool has(const NetworkEntry& entry) const { return known(entry) != nullptr; }

  std::shared_ptr<const ModelFile> find(const ModelSlot& slot) override {
    if (const ModelFile* model = known(slot)) return borrowed(*model);
    veneer::fail(veneer::ErrorCode::kModelUnknown, Problem::kNowhere,
                 "model %d, which enhances the file, has not been given to the decoder", slot.model_id);
  }

  std::shared_ptr<const ModelNetwork> network(const NetworkEntry& entry) override {
    if (const VeneerNetwork* network = known(entry)) return borrowed(*network->network);
    veneer::fail(veneer::ErrorCode::kNoWeights, Problem::kNowhere,
                 "the weight file of network %s, which the file needs, has not been given to the decoder", entry.name);
  }

  std::shared_ptr<const ModelNetwork> filling() override {
    for (const VeneerNetwork* each : networks_) {
      if (std::strcmp(each->network->name(), "texture") == 0) return borrowed(*each->network);
    }
    return nullptr;
  }

 private:
  const VeneerNetwork* known(const NetworkEntry& entry) const {
    for (const VeneerNetwork* each : networks_) {
      if (std::memcmp(each->sha256, entry.sha256, sizeof entry.sha256) == 0) return each;
    }
    return nullptr;
  }

  // It lives as long as this does.
  template <typename T>
  static std::shared_ptr<const T> borrowed(const T& object) {
    return std::shared_ptr<const T>(std::shared_ptr<const T>(), &object);
  }

  Vector<VeneerModel*> models_;
  Vector<VeneerNetwork*> networks_;
};

}  // namespace

struct VeneerDecoder {
  VeneerDecoder(const Memory& own, const VeneerRunner* given) : memory(own) {
    if (given != nullptr) callers_runner.emplace(*given);
  }

  const Memory& memory;
  veneer::DecodeSettings settings;
  int threads = 1;
  std::optional<CallersRunner> callers_runner;
  veneer::SameThread same_thread;
  std::optional<veneer::Team> team;
  GivenModels models;
  std::optional<ProgressiveDecoder> decoder;
  Vector<uint8_t> gain_map_picture;  // as it was given last
  std::optional<Problem> error;
  bool is_out_of_memory = false;
  bool has_file = false;

  Runner& runner() {
    if (callers_runner) return *callers_runner;
    if (threads == 1) return same_thread;
    if (!team) team.emplace(threads);
    return *team;
  }

  ProgressiveDecoder& started() {
#if defined(VENEER_BASE_ONLY)
    if (settings.layers == veneer::Layers::kFull) settings.layers = veneer::Layers::kBase;
#endif
    if (!decoder) decoder.emplace(settings, models, runner());
    return *decoder;
  }
};

namespace {

// Runs `work` with the decoder's memory; nothing that it throws leaves.
template <typename Work>
VeneerStatus guarded(VeneerDecoder* decoder, const Work& work) {
  if (decoder == nullptr) return VENEER_MISUSE;
  if (decoder->is_out_of_memory) return VENEER_NO_MEMORY;
  const MemoryScope scope(decoder->memory);
  try {
    return work();
  } catch (const Failure& failure) {
    decoder->error = failure.problem();
    return VENEER_FAILED;
  } catch (...) {  // std::bad_alloc, or a system without resources
    decoder->is_out_of_memory = true;
    return VENEER_NO_MEMORY;
  }
}

// Changes a setting before the first bytes.
template <typename Work>
VeneerStatus set(VeneerDecoder* decoder, bool is_valid, const Work& work) {
  if (decoder == nullptr || decoder->decoder || !is_valid) return VENEER_MISUSE;
  work();
  return VENEER_OK;
}

const veneer::Contents* contents_of(const VeneerDecoder* decoder) {
  return decoder != nullptr && decoder->decoder ? decoder->decoder->contents() : nullptr;
}

// A model or a network of the bytes of its file.
template <typename T>
T* create_of_file(const VeneerAllocator* allocator, Bytes data, VeneerProblem* error) {
  VeneerProblem reason = {};
  reason.offset = Problem::kNowhere;
  T* object = nullptr;
  try {
    object = create<T>(memory_of(allocator), data);
  } catch (const Failure& failure) {
    reason = to_c(failure.problem());
  } catch (...) {  // no memory: code 0
  }
  if (object == nullptr && error != nullptr) *error = reason;
  return object;
}

template <typename T>
VeneerStatus add(VeneerDecoder* decoder, T* object) {
  return guarded(decoder, [&] {
    if (object == nullptr || (decoder->decoder && decoder->decoder->finished())) return VENEER_MISUSE;
    decoder->models.add(object);
    return VENEER_OK;
  });
}

// Calls `work` for each weight file that is needed and has not been given.
template <typename Work>
VeneerStatus for_each_needed(const VeneerDecoder* decoder, const Work& work) {
  if (decoder == nullptr || !decoder->decoder) return VENEER_MISUSE;
  const veneer::Contents* contents = contents_of(decoder);
  if (contents == nullptr && !decoder->has_file) return VENEER_MISUSE;
  const MemoryScope scope(decoder->memory);
  try {
    std::optional<veneer::Contents> front;  // of a file that was given as a whole, before it is decoded
    if (contents == nullptr) {
      front = veneer::read_front(decoder->decoder->file(), decoder->settings.max_pixels);
      contents = &*front;
    }
    const GivenModels& models = decoder->models;
    const auto known = [&](const ModelSlot& slot) { return models.known(slot); };
    for (const NeededNetwork& needed : veneer::needed_networks(*contents, decoder->settings, known)) {
      if (!models.has(*needed.entry)) work(needed);
    }
    return VENEER_OK;
  } catch (const Failure&) {  // veneer_decoder_finish() says why
    return VENEER_MISUSE;
  } catch (...) {  // std::bad_alloc
    return VENEER_NO_MEMORY;
  }
}

VeneerWeightFile to_c(const NeededNetwork& needed) {
  const NetworkEntry& entry = *needed.entry;
  VeneerWeightFile file = {};
  file.model_id = static_cast<int>(needed.model->id);
  static_assert(sizeof file.network == sizeof entry.name && sizeof file.sha256 == sizeof entry.sha256, "as long");
  std::memcpy(file.network, entry.name, sizeof entry.name);
  std::memcpy(file.sha256, entry.sha256, sizeof entry.sha256);
  file.size = entry.file_size;
  const uint8_t* const hash = entry.sha256;
  std::snprintf(file.file_name, sizeof file.file_name, "%s-%02x%02x%02x%02x.vnw", entry.name, hash[0], hash[1], hash[2],
                hash[3]);
  return file;
}

}  // namespace

int veneer_version(void) { return 100 * VENEER_VERSION_MAJOR + VENEER_VERSION_MINOR; }

VeneerDecoder* veneer_decoder_create(const VeneerAllocator* allocator, const VeneerRunner* runner) {
  try {
    return create<VeneerDecoder>(memory_of(allocator), runner);
  } catch (...) {
    return nullptr;
  }
}

void veneer_decoder_destroy(VeneerDecoder* decoder) {
  if (decoder != nullptr) destroy(decoder);
}

VeneerStatus veneer_decoder_set_threads(VeneerDecoder* decoder, int threads) {
  return set(decoder, threads >= 1 && threads <= kMostThreads, [&] { decoder->threads = threads; });
}

VeneerStatus veneer_decoder_set_layers(VeneerDecoder* decoder, VeneerLayers layers) {
  return set(decoder, layers >= VENEER_FULL && layers <= VENEER_PREVIEW,
             [&] { decoder->settings.layers = static_cast<veneer::Layers>(layers); });
}

VeneerStatus veneer_decoder_set_realism(VeneerDecoder* decoder, int realism) {
  return set(decoder, realism >= VENEER_REALISM_OF_FILE && realism <= 64, [&] { decoder->settings.realism = realism; });
}

VeneerStatus veneer_decoder_set_region(VeneerDecoder* decoder, VeneerRect region) {
  const bool is_valid = region.x >= 0 && region.y >= 0 && region.width >= 1 && region.height >= 1;
  return set(decoder, is_valid,
             [&] { decoder->settings.region = Rect{region.x, region.y, region.width, region.height}; });
}

VeneerStatus veneer_decoder_set_strict(VeneerDecoder* decoder, int strict) {
  return set(decoder, true, [&] { decoder->settings.strict = strict != 0; });
}

VeneerStatus veneer_decoder_set_max_pixels(VeneerDecoder* decoder, int64_t pixels) {
  return set(decoder, pixels >= 1, [&] { decoder->settings.max_pixels = pixels; });
}

VeneerModel* veneer_model_create(const VeneerAllocator* allocator, const uint8_t* data, size_t size,
                                 VeneerProblem* error) {
  return create_of_file<VeneerModel>(allocator, {data, size}, error);
}

void veneer_model_release(VeneerModel* model) {
  if (model != nullptr && --model->owners == 0) destroy(model);
}

VeneerNetwork* veneer_network_create(const VeneerAllocator* allocator, const uint8_t* data, size_t size,
                                     VeneerProblem* error) {
  return create_of_file<VeneerNetwork>(allocator, {data, size}, error);
}

void veneer_network_release(VeneerNetwork* network) {
  if (network != nullptr && --network->owners == 0) destroy(network);
}

VeneerStatus veneer_decoder_add_model(VeneerDecoder* decoder, const VeneerModel* model) {
  return add(decoder, const_cast<VeneerModel*>(model));  // its number of owners changes, which is atomic
}

VeneerStatus veneer_decoder_add_network(VeneerDecoder* decoder, const VeneerNetwork* network) {
  return add(decoder, const_cast<VeneerNetwork*>(network));
}

int veneer_decoder_needed_count(const VeneerDecoder* decoder) {
  int count = 0;
  return for_each_needed(decoder, [&](const NeededNetwork&) { ++count; }) == VENEER_OK ? count : 0;
}

VeneerStatus veneer_decoder_needed(const VeneerDecoder* decoder, int index, VeneerWeightFile* file) {
  if (file == nullptr) return VENEER_MISUSE;
  int number = 0;
  bool is_found = false;
  const VeneerStatus status = for_each_needed(decoder, [&](const NeededNetwork& needed) {
    if (number++ != index) return;
    *file = to_c(needed);
    is_found = true;
  });
  return status == VENEER_OK && !is_found ? VENEER_MISUSE : status;
}

VeneerStatus veneer_decoder_feed(VeneerDecoder* decoder, const uint8_t* data, size_t size) {
  return guarded(decoder, [&] {
    if ((data == nullptr && size > 0) || decoder->has_file) return VENEER_MISUSE;
    decoder->started().feed({data, size});
    return VENEER_OK;
  });
}

VeneerStatus veneer_decoder_set_file(VeneerDecoder* decoder, const uint8_t* data, size_t size) {
  return guarded(decoder, [&] {
    if (data == nullptr || decoder->decoder) return VENEER_MISUSE;
    decoder->started().set_file({data, size});
    decoder->has_file = true;
    return VENEER_OK;
  });
}

VeneerStatus veneer_decoder_finish(VeneerDecoder* decoder) {
  return guarded(decoder, [&] {
    decoder->started().finish();
    return VENEER_OK;
  });
}

VeneerStatus veneer_decoder_next_event(VeneerDecoder* decoder, VeneerEvent* event) {
  return guarded(decoder, [&] {
    if (event == nullptr) return VENEER_MISUSE;
    *event = VeneerEvent{};
    if (!decoder->decoder) return VENEER_OK;
    if (const std::optional<veneer::Event> next = decoder->decoder->next_event()) {
      event->kind = static_cast<VeneerEventKind>(next->kind);
      event->region = to_c(next->region);
      event->problem = to_c(next->problem);
    }
    return VENEER_OK;
  });
}

VeneerStatus veneer_decoder_info(const VeneerDecoder* decoder, VeneerInfo* info) {
  const veneer::Contents* contents = contents_of(decoder);
  if (contents == nullptr || info == nullptr) return VENEER_MISUSE;
  const veneer::Head& head = contents->head;
  const veneer::Metadata& metadata = contents->metadata;
  const Bytes file = decoder->decoder->file();
  *info = VeneerInfo{};
  info->format_version = head.format_version;
  info->width = head.width;
  info->height = head.height;
  info->channels = head.channels;
  info->bit_depth = head.bit_depth;
  info->colour_primaries = head.colour_primaries;
  info->transfer_characteristics = head.transfer_characteristics;
  info->matrix_coefficients = head.matrix_coefficients;
  info->full_range = head.full_range;
  info->tile_size = 1 << head.tile_log2;
  info->tile_count = veneer::tile_grid(head).count();
  info->base_kind = static_cast<VeneerBaseKind>(head.base_kind);
  info->base_scale = head.base_scale;
  info->default_realism = head.default_realism;
  info->has_preview = contents->preview ? 1 : 0;
  info->preview_width = veneer::preview_side(head.width);
  info->preview_height = veneer::preview_side(head.height);
  static_assert(VENEER_MAX_MODELS == veneer::kMaxModels, "as many");
  info->model_count = head.model_count;
  for (int i = 0; i < head.model_count; ++i) {
    info->models[i].id = head.models[i].model_id;
    std::memcpy(info->models[i].check, head.models[i].check, sizeof info->models[i].check);
    info->models[i].role = head.models[i].role;
  }
  info->density_unit = metadata.has_density ? metadata.unit : -1;
  info->density_x = metadata.density_x;
  info->density_y = metadata.density_y;
  info->text_count = static_cast<int>(metadata.texts.size());
  info->icc = to_c(metadata.icc, file);
  info->exif = to_c(metadata.exif, file);
  info->xmp = to_c(metadata.xmp, file);
  info->iptc = to_c(metadata.iptc, file);
  if (metadata.content_light) {
    info->has_content_light = 1;
    info->max_content = static_cast<uint16_t>(metadata.content_light->max_content);
    info->max_frame_average = static_cast<uint16_t>(metadata.content_light->max_frame_average);
  }
  if (metadata.mastering_volume) {
    info->has_mastering_display = 1;
    info->mastering_display = to_c(*metadata.mastering_volume);
  }
  info->sample_format = head.sample_format == veneer::kHalfFloats ? VENEER_HALF_FLOATS : VENEER_INTEGERS;
  info->has_gain_map = metadata.gain_map ? 1 : 0;
  return VENEER_OK;
}

VeneerStatus veneer_decoder_text(const VeneerDecoder* decoder, int index, VeneerBytes* keyword, VeneerBytes* text) {
  const veneer::Contents* contents = contents_of(decoder);
  if (contents == nullptr || keyword == nullptr || text == nullptr) return VENEER_MISUSE;
  if (index < 0 || index >= static_cast<int>(contents->metadata.texts.size())) return VENEER_MISUSE;
  const veneer::TextEntry& entry = contents->metadata.texts[index];
  *keyword = to_c(entry.keyword, decoder->decoder->file());
  *text = to_c(entry.text, decoder->decoder->file());
  return VENEER_OK;
}

VeneerStatus veneer_decoder_gain_map(VeneerDecoder* decoder, VeneerGainMap* gain_map) {
  return guarded(decoder, [&] {
    const veneer::Contents* const contents = contents_of(decoder);
    if (contents == nullptr || gain_map == nullptr || !contents->metadata.gain_map) return VENEER_MISUSE;
    const veneer::CodedGainMap& map = *contents->metadata.gain_map;
    const Bytes file = decoder->decoder->file();
    decoder->gain_map_picture = veneer::gain_map_picture(file, map);
    *gain_map = VeneerGainMap{};
    gain_map->metadata_kind = static_cast<VeneerGainMapMetadata>(map.metadata_kind);
    gain_map->metadata = to_c(map.metadata, file);
    gain_map->colour_primaries = map.colour[0];
    gain_map->transfer_characteristics = map.colour[1];
    gain_map->matrix_coefficients = map.colour[2];
    gain_map->full_range = map.colour[3];
    gain_map->alternate_icc = to_c(map.alternate_icc, file);
    gain_map->picture = {decoder->gain_map_picture.data(), decoder->gain_map_picture.size()};
    return VENEER_OK;
  });
}

VeneerStatus veneer_decoder_picture(VeneerDecoder* decoder, VeneerImage* picture) {
  return guarded(decoder, [&] {
    if (picture == nullptr) return VENEER_MISUSE;
    const veneer::Contents* const contents = contents_of(decoder);
    *picture = VeneerImage{};
    if (contents == nullptr) return VENEER_OK;
    const bool is_preview = decoder->settings.layers == veneer::Layers::kPreview;
    *picture = to_c(decoder->decoder->picture(), contents->head.channels, is_preview ? 8 : sample_type(contents->head));
    return VENEER_OK;
  });
}

VeneerStatus veneer_decoder_preview(const VeneerDecoder* decoder, VeneerImage* preview) {
  if (decoder == nullptr || preview == nullptr) return VENEER_MISUSE;
  const veneer::Contents* const contents = contents_of(decoder);
  *preview = contents ? to_c(decoder->decoder->preview(), contents->head.channels, 8) : VeneerImage{};
  return VENEER_OK;
}

VeneerStatus veneer_decoder_jpeg(VeneerDecoder* decoder, VeneerWrite write, void* opaque) {
  return guarded(decoder, [&] {
    if (contents_of(decoder) == nullptr || write == nullptr) return VENEER_MISUSE;
    veneer::write_jpeg(decoder->decoder->file(), decoder->settings.max_pixels, decoder->runner(),
                       [&](Bytes piece) { return write(opaque, piece.data, piece.size) != 0; });
    return VENEER_OK;
  });
}

VeneerStatus veneer_decoder_jpeg_front(VeneerDecoder* decoder, VeneerWrite write, void* opaque) {
  return guarded(decoder, [&] {
    const veneer::Contents* const contents = contents_of(decoder);
    if (contents == nullptr || write == nullptr) return VENEER_MISUSE;
    const veneer::Vector<uint8_t> front = veneer::jpeg_front(decoder->decoder->file(), *contents);
    write(opaque, front.data(), front.size());
    return VENEER_OK;
  });
}

int veneer_decoder_problem_count(const VeneerDecoder* decoder) {
  return decoder != nullptr && decoder->decoder ? decoder->decoder->problem_count() : 0;
}

VeneerStatus veneer_decoder_problem(VeneerDecoder* decoder, int index, VeneerProblem* problem) {
  return guarded(decoder, [&] {
    if (problem == nullptr || index < 0 || index >= veneer_decoder_problem_count(decoder)) return VENEER_MISUSE;
    *problem = to_c(decoder->decoder->problems()[index]);
    return VENEER_OK;
  });
}

VeneerStatus veneer_decoder_error(const VeneerDecoder* decoder, VeneerProblem* problem) {
  if (decoder == nullptr || problem == nullptr || !decoder->error) return VENEER_MISUSE;
  *problem = to_c(*decoder->error);
  return VENEER_OK;
}
