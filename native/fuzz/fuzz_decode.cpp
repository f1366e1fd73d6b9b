// Fuzz target: the decoder, by way of its C interface alone.
//
// Input: 16 bytes of settings, then a file.
//   0       Bits 0 and 1: layers (3 as 0); 2: strict; 3: a region; 4: in pieces; 5: without models; 6: memory runs out;
//           7: a runner that does things last to first
//   1       realism, that of the file and 0..64
//   2..9    the region: x, y, width and height
//   10..13  sizes of the pieces, in turn
//   14..15  allocations that succeed, where memory runs out
// Whatever the file says, it is decoded or refused, and all memory is given back. Mutations know the structure of files
// (file_mutator.h).
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <vector>

#include "common/crc32c.h"
#include "fuzz/file_mutator.h"
#include "fuzz/fuzz_input.h"
#include "fuzz/novelty.h"
#include "fuzz/tally.h"
#include "include/veneer/decode.h"

namespace {

using veneer::fuzz::Buffer;
using veneer::fuzz::ChunkedFile;
using veneer::fuzz::FileMutator;
using veneer::fuzz::Input;
using veneer::fuzz::Novelty;
using veneer::fuzz::promise;
using veneer::fuzz::Tally;

constexpr size_t kSettingsSize = 16;
constexpr int64_t kMostPixels = 1 << 11;
constexpr unsigned kKeepsCounters = 64;  // of so many inputs with nothing new one counts in statistics all the same
constexpr int kTooManyBytes = 707, kMaxSide = 65535;
constexpr int kJpegHeader = 409, kJpegOfBytes = 606;

struct Settings {
  int layers, realism;
  bool strict, has_region, in_pieces, has_models, has_little_memory, has_runner;
  VeneerRect region;
  size_t pieces[4];
  size_t allocations;
};

Settings read_settings(Input& input) {
  Settings settings;
  const int flags = input.byte();
  settings.layers = flags % 4 % 3;
  settings.strict = flags >> 2 & 1;
  settings.has_region = flags >> 3 & 1;
  settings.in_pieces = flags >> 4 & 1;
  settings.has_models = !(flags >> 5 & 1);
  settings.has_little_memory = flags >> 6 & 1;
  settings.has_runner = flags >> 7;
  settings.realism = input.number(VENEER_REALISM_OF_FILE, 64);
  int32_t sides[4];
  for (int32_t& side : sides) side = input.two_bytes();
  settings.region = {sides[0], sides[1], sides[2] + 1, sides[3] + 1};
  for (size_t& piece : settings.pieces) {
    piece = input.byte();
    if (piece > 127) piece = (piece - 127) * 32;
  }
  if (settings.pieces[3] == 0) settings.pieces[3] = 1;
  settings.allocations = input.two_bytes();
  return settings;
}

// What came of decoding.
struct Outcome {
  VeneerStatus status = VENEER_OK;
  int error = 0;
  VeneerImage picture = {};
  Buffer pixels;
  std::vector<int> problems;
  bool had_preview = false;
};

void run_last_to_first(void*, int count, void (*task)(void*, int), void* data) {
  while (count-- > 0) task(data, count);
}

// Reads every byte, so that those that are not there are found.
void look_at(const VeneerBytes& bytes) {
  if (bytes.data == nullptr) return promise(bytes.size == 0, "no bytes have no size");
  veneer::crc32c(bytes.data, bytes.size);
}

void look_at(const VeneerProblem& problem) {
  promise(problem.code > 0, "problems have a number");
  promise(problem.offset >= -1, "problems have a place, or none");
  const size_t length = strnlen(problem.message, sizeof problem.message);
  promise(length > 0 && length < sizeof problem.message, "problems have a message");
  for (size_t i = 0; i < length; ++i) {
    promise(problem.message[i] >= ' ' && problem.message[i] <= '~', "messages are a line in ASCII");
  }
}

Buffer samples_of(const VeneerImage& image) {
  Buffer samples;
  if (image.pixels == nullptr) return samples;
  promise(image.bytes_per_sample == (image.bit_depth > 8 ? 2 : 1), "samples have the bytes that they need");
  promise(image.sample_format == VENEER_INTEGERS || image.bit_depth == 16, "half floats have 16 bits");
  const size_t row = static_cast<size_t>(image.width * image.bytes_per_sample) * static_cast<size_t>(image.channels);
  for (int y = 0; y < image.height; ++y) {
    const uint8_t* const pixels = image.pixels + y * image.stride;
    samples.insert(samples.end(), pixels, pixels + row);
  }
  return samples;
}

bool has_size(const VeneerImage& image, int width, int height, int channels) {
  return image.width == width && image.height == height && image.channels == channels;
}

// One decoder, and what must hold of it at any time.
// Those that a decoder is given.
struct Models {
  std::vector<VeneerModel*> models;
  std::vector<VeneerNetwork*> networks;
};

class Decoding {
 public:
  Decoding(const Settings& settings, Tally* tally) : settings_(settings) {
    const VeneerAllocator allocator = tally->allocator();
    const VeneerRunner runner = {nullptr, 3, run_last_to_first};
    decoder_ = veneer_decoder_create(&allocator, settings.has_runner ? &runner : nullptr);
    promise(decoder_ != nullptr || tally->refused, "there is a decoder where there is memory");
  }
  ~Decoding() { veneer_decoder_destroy(decoder_); }
  Decoding(const Decoding&) = delete;
  Decoding& operator=(const Decoding&) = delete;

  Outcome decode(const uint8_t* file, size_t size, const Models& models) {
    if (decoder_ == nullptr) return of(VENEER_NO_MEMORY);
    set_up();
    for (const VeneerModel* model : models.models) {
      const VeneerStatus status = settings_.has_models ? veneer_decoder_add_model(decoder_, model) : VENEER_OK;
      if (status != VENEER_OK) return of(status);
    }
    for (const VeneerNetwork* network : models.networks) {
      const VeneerStatus status = settings_.has_models ? veneer_decoder_add_network(decoder_, network) : VENEER_OK;
      if (status != VENEER_OK) return of(status);
    }
    const VeneerStatus given = settings_.in_pieces ? feed(file, size) : veneer_decoder_set_file(decoder_, file, size);
    if (given != VENEER_OK) return of(given);
    const VeneerStatus status = veneer_decoder_finish(decoder_);
    if (status != VENEER_NO_MEMORY) look();
    if (status == VENEER_OK) {
      promise(pictures_ == 1 || out_of_memory_, "a decoder that has finished says so once");
      promise(veneer_decoder_finish(decoder_) == VENEER_OK || out_of_memory_, "to finish twice is nothing");
    }
    return of(status);
  }

 private:
  void set_up() {
    promise(veneer_decoder_set_layers(decoder_, static_cast<VeneerLayers>(settings_.layers)) == VENEER_OK, "layers");
    promise(veneer_decoder_set_realism(decoder_, settings_.realism) == VENEER_OK, "realism");
    promise(veneer_decoder_set_strict(decoder_, settings_.strict) == VENEER_OK, "strict");
    promise(veneer_decoder_set_max_pixels(decoder_, kMostPixels) == VENEER_OK, "max_pixels");
    if (!settings_.has_region) return;
    promise(veneer_decoder_set_region(decoder_, settings_.region) == VENEER_OK, "region");
  }

  // Each piece in memory of its own, which is gone afterwards.
  VeneerStatus feed(const uint8_t* file, size_t size) {
    size_t count = 0;
    for (size_t place = 0; place < size; ++count) {
      const size_t length = std::min(settings_.pieces[count % 4], size - place);
      const Buffer piece(file + place, file + place + length);
      const VeneerStatus status = veneer_decoder_feed(decoder_, piece.data(), length);
      if (status != VENEER_NO_MEMORY) look();
      if (status != VENEER_OK) return status;
      place += length;
    }
    return VENEER_OK;
  }

  // All that can be asked.
  void look() {
    VeneerInfo info;
    const VeneerStatus known = veneer_decoder_info(decoder_, &info);
    promise(known == VENEER_OK || known == VENEER_MISUSE, "info is there or not");
    bool is_news = false;
    VeneerEvent event;
    while (out_of_memory_ |= veneer_decoder_next_event(decoder_, &event) != VENEER_OK,
           !out_of_memory_ && event.kind != VENEER_EVENT_NONE) {
      is_news = true;
      look_at(event, known == VENEER_OK, info);
    }
    if (!is_news || out_of_memory_) return;
    if (known == VENEER_OK) look_at(info);
    const int count = veneer_decoder_problem_count(decoder_);
    for (int i = 0; i < count && !out_of_memory_; ++i) {
      VeneerProblem problem;
      out_of_memory_ |= veneer_decoder_problem(decoder_, i, &problem) == VENEER_NO_MEMORY;
      if (!out_of_memory_) ::look_at(problem);
    }
    VeneerImage picture = {};
    const VeneerStatus status = veneer_decoder_picture(decoder_, &picture);
    promise(status == VENEER_OK || status == VENEER_NO_MEMORY, "a picture is there or not");
    out_of_memory_ |= status == VENEER_NO_MEMORY;
    if (picture.pixels == nullptr) return;
    promise(known == VENEER_OK, "no picture before its headers");
    if (pictures_ == 0) promise(has_size(picture, info.width, info.height, info.channels), "as large as info says");
    samples_of(picture);
  }

  void look_at(const VeneerEvent& event, bool is_known, const VeneerInfo& info) {
    promise(is_known || event.kind == VENEER_EVENT_PROBLEM, "events come with the headers");
    if (event.kind == VENEER_EVENT_PROBLEM) ::look_at(event.problem);
    if (event.kind == VENEER_EVENT_PICTURE) ++pictures_;
    if (event.kind == VENEER_EVENT_PREVIEW) had_preview_ = true;
    promise(event.kind <= VENEER_EVENT_PICTURE, "events have a kind");
    const VeneerRect& region = event.region;
    promise(region.x >= 0 && region.y >= 0 && region.width >= 0 && region.height >= 0, "regions of events");
    if (is_known) {
      promise(region.x + region.width <= info.width && region.y + region.height <= info.height, "lie in the picture");
    }
  }

  void look_at(const VeneerInfo& info) {
    promise(info.width >= 1 && info.width <= kMaxSide && info.height >= 1 && info.height <= kMaxSide, "sides");
    promise(int64_t{info.width} * info.height <= kMostPixels, "pictures that are too large are refused");
    promise(info.channels >= 1 && info.channels <= 4 && info.bit_depth >= 1 && info.bit_depth <= 16, "samples");
    promise(info.tile_count >= 1 && info.tile_size >= 64, "tiles");
    promise(info.model_count >= 0 && info.model_count <= VENEER_MAX_MODELS, "models");
    for (const VeneerBytes& bytes : {info.icc, info.exif, info.xmp, info.iptc}) ::look_at(bytes);
    VeneerBytes keyword, text;
    for (int i = 0; i < info.text_count; ++i) {
      promise(veneer_decoder_text(decoder_, i, &keyword, &text) == VENEER_OK, "there are as many texts");
      ::look_at(keyword);
      ::look_at(text);
    }
    promise(veneer_decoder_text(decoder_, info.text_count, &keyword, &text) == VENEER_MISUSE, "and no more");
    VeneerGainMap map;
    const VeneerStatus has_map = veneer_decoder_gain_map(decoder_, &map);
    out_of_memory_ |= has_map == VENEER_NO_MEMORY;
    promise(out_of_memory_ || has_map == (info.has_gain_map ? VENEER_OK : VENEER_MISUSE), "a gain map is there or not");
    if (has_map == VENEER_OK) {
      promise(map.metadata.size > 0 && (map.full_range | 1) == 1, "its fields keep the rules");
      for (const VeneerBytes& bytes : {map.metadata, map.alternate_icc, map.picture}) ::look_at(bytes);
    }
    VeneerImage preview;
    promise(veneer_decoder_preview(decoder_, &preview) == VENEER_OK, "a preview is there or not");
    if (preview.pixels == nullptr) return;
    promise(has_size(preview, info.preview_width, info.preview_height, info.channels), "previews have their size");
    samples_of(preview);
  }

  Outcome of(VeneerStatus status) {
    Outcome outcome;
    outcome.status = status;
    outcome.had_preview = had_preview_;
    promise(status != VENEER_MISUSE, "no call is wrong");
    if (status == VENEER_NO_MEMORY || out_of_memory_) {
      outcome.status = VENEER_NO_MEMORY;
      return outcome;
    }
    VeneerProblem problem;
    const VeneerStatus has_error = veneer_decoder_error(decoder_, &problem);
    promise(has_error == (status == VENEER_FAILED ? VENEER_OK : VENEER_MISUSE), "errors are those of calls that fail");
    if (status == VENEER_FAILED) {
      ::look_at(problem);
      outcome.error = problem.code;
      return outcome;
    }
    const int count = veneer_decoder_problem_count(decoder_);
    promise(!settings_.strict || count == 0, "strict decoding has no problems");
    for (int i = 0; i < count; ++i) {
      if (veneer_decoder_problem(decoder_, i, &problem) == VENEER_OK) outcome.problems.push_back(problem.code);
    }
    veneer_decoder_picture(decoder_, &outcome.picture);
    promise(outcome.picture.pixels != nullptr, "there is a picture at the end");
    check_size(outcome.picture);
    outcome.pixels = samples_of(outcome.picture);
    return outcome;
  }

  void check_size(const VeneerImage& picture) {
    VeneerInfo info;
    promise(veneer_decoder_info(decoder_, &info) == VENEER_OK, "pictures have headers");
    VeneerRect asked = settings_.has_region ? settings_.region : VeneerRect{0, 0, info.width, info.height};
    if (settings_.layers == VENEER_PREVIEW) {
      asked = {asked.x / 8, asked.y / 8, (asked.x + asked.width + 7) / 8 - asked.x / 8,
               (asked.y + asked.height + 7) / 8 - asked.y / 8};
    }
    promise(has_size(picture, asked.width, asked.height, info.channels), "pictures have the size that was asked for");
  }

  const Settings& settings_;
  VeneerDecoder* decoder_;
  int pictures_ = 0;
  bool had_preview_ = false, out_of_memory_ = false;
};

Outcome decode(const Settings& settings, const uint8_t* file, size_t size, const Models& models) {
  Tally tally;
  if (settings.has_little_memory) tally.allocations_left = settings.allocations;
  Outcome outcome = Decoding(settings, &tally).decode(file, size, models);
  promise(tally.blocks == 0 && tally.bytes == 0, "all memory is given back");
  promise(outcome.status != VENEER_NO_MEMORY || tally.refused, "there is memory until there is none");
  return outcome;
}

// The same whole as in pieces. Differences that are meant: where tiles are missing pieces leave the preview; strict
// decoding of pieces, and decoding of a JPEG whose header is invalid or that has no pixels, may find another of several
// faults first; of a whole file only chunks are read that a region, or the preview, needs.
void compare(const Outcome& whole, const Outcome& fed, const Settings& settings) {
  if (whole.status == VENEER_NO_MEMORY || fed.status == VENEER_NO_MEMORY) return;
  const bool is_all_read = !settings.has_region && settings.layers != VENEER_PREVIEW;
  if (whole.status != fed.status) {
    const bool is_meant = fed.status == VENEER_OK ? fed.had_preview : fed.error == kTooManyBytes || !is_all_read;
    return promise(is_meant, "pieces fail where the whole does");
  }
  const bool is_first = settings.strict || fed.error == kJpegHeader || fed.error == kJpegOfBytes;
  promise(whole.error == fed.error || is_first || !is_all_read, "pieces fail as the whole does");
  promise(whole.pixels == fed.pixels, "pieces give the picture of the whole");
  promise(whole.problems == fed.problems || !is_all_read, "pieces have the problems of the whole");
}

// The models of the vectors, which stay until the end.
Models read_models() {
  Models found;
  const auto folder = std::filesystem::path(__FILE__).parent_path() / "../../tests/vectors/1/models";
  for (const auto& entry : std::filesystem::directory_iterator(folder)) {
    const bool is_model = entry.path().extension() == ".vnm";
    if (!is_model && entry.path().extension() != ".vnw") continue;
    std::ifstream stream(entry.path(), std::ios::binary);
    const Buffer data((std::istreambuf_iterator<char>(stream)), std::istreambuf_iterator<char>());
    if (is_model) {
      found.models.push_back(veneer_model_create(nullptr, data.data(), data.size(), nullptr));
    } else {
      found.networks.push_back(veneer_network_create(nullptr, data.data(), data.size(), nullptr));
    }
    promise((is_model ? !!found.models.back() : !!found.networks.back()), "the models of the vectors can be read");
  }
  promise(!found.models.empty() && !found.networks.empty(), "there are models");
  return found;
}

// Gives the input of a file to libFuzzer, with the settings before it.
size_t place(const Buffer& settings, const Buffer& file, uint8_t* data) {
  std::copy(settings.begin(), settings.end(), data);
  std::copy(file.begin(), file.end(), data + kSettingsSize);
  return kSettingsSize + file.size();
}

// One input, and of some the same file in the other way.
void test(const uint8_t* data, size_t size, unsigned sum) {
  static const auto& models = *new Models(read_models());  // never released: no leak
  Input input(data, size);
  Settings settings = read_settings(input);
  const uint8_t* const file = input.rest();
  const size_t file_size = input.left();
  const Outcome outcome = decode(settings, file, file_size, models);
  if (settings.has_little_memory || sum % 16 != 0) return;
  settings.in_pieces = !settings.in_pieces;
  settings.has_runner = !settings.has_runner;
  const Outcome other = decode(settings, file, file_size, models);
  settings.in_pieces ? compare(outcome, other, settings) : compare(other, outcome, settings);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  static Novelty novelty;
  const unsigned sum = veneer::crc32c(data, size);
  test(data, size, sum);
  if (!novelty.note() && sum / 16 % kKeepsCounters != 0) novelty.forget_counters();
  return 0;
}

extern "C" size_t LLVMFuzzerCustomMutator(uint8_t* data, size_t size, size_t max_size, unsigned seed) {
  if (max_size <= kSettingsSize) return LLVMFuzzerMutate(data, size, max_size);
  Buffer settings(data, data + std::min(size, kSettingsSize));
  settings.resize(kSettingsSize);
  const Buffer file(data + std::min(size, kSettingsSize), data + size);
  veneer::fuzz::Random random(seed);
  if (random.one_in(8)) {
    LLVMFuzzerMutate(settings.data(), kSettingsSize, kSettingsSize);
    return place(settings, file, data);
  }
  if (size > kSettingsSize && random.one_in(16)) {
    return kSettingsSize + LLVMFuzzerMutate(data + kSettingsSize, size - kSettingsSize, max_size - kSettingsSize);
  }
  const ChunkedFile taken = veneer::fuzz::take_apart(file.data(), file.size());
  return place(settings, FileMutator(taken, max_size - kSettingsSize, seed).mutated(), data);
}

extern "C" size_t LLVMFuzzerCustomCrossOver(const uint8_t* data, size_t size, const uint8_t* other, size_t other_size,
                                            uint8_t* out, size_t max_size, unsigned seed) {
  if (size <= kSettingsSize || other_size <= kSettingsSize || max_size <= kSettingsSize) return 0;
  const ChunkedFile one = veneer::fuzz::take_apart(data + kSettingsSize, size - kSettingsSize);
  const ChunkedFile two = veneer::fuzz::take_apart(other + kSettingsSize, other_size - kSettingsSize);
  const Buffer file = FileMutator(one, max_size - kSettingsSize, seed).crossed(two);
  return place(Buffer(data, data + kSettingsSize), file, out);
}
