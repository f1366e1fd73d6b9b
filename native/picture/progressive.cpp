#include "picture/progressive.h"

#include <algorithm>
#include <cinttypes>
#include <iterator>

#include "container/metadata.h"
#include "container/reader.h"
#include "picture/arriving_tiles.h"
#include "picture/modular_layer.h"
#include "picture/preview.h"
#include "picture/reconstruction.h"
#include "picture/sample_depth.h"

namespace veneer {
namespace {

// Bytes that a file may have. Noise at the finest step takes 1.1 to 1.4 a sample, 2 in pictures of three rows; what is
// above that is for metadata and enhancement.
constexpr int64_t kMaxBytesPerSample = 4;
constexpr int64_t kMaxOtherBytes = (std::size(kMetadataTypes) + 1) * kMaxMetadataLength;

std::shared_ptr<Image<uint8_t>> shared(Image<uint8_t>&& image) {
  return make_shared_object<Image<uint8_t>>(std::move(image));
}

}  // namespace

ProgressiveDecoder::ProgressiveDecoder(const DecodeSettings& settings, ModelSource& models, Runner& runner)
    : settings_(settings), models_(models), runner_(runner) {}

const Contents* ProgressiveDecoder::contents() const {
  if (assembly_) return &assembly_->contents;
  return front_ ? &*front_ : nullptr;
}

// Runs `work` unless an earlier call failed; keeps the reason where it fails.
template <typename Work>
void ProgressiveDecoder::guarded(const Work& work) {
  if (failure_) throw Failure(*failure_);
  if (finished_) return;
  try {
    work();
  } catch (const Failure& failure) {
    failure_ = failure.problem();
    throw;
  }
}

void ProgressiveDecoder::feed(Bytes data) {
  guarded([&] {
    chunks_.add(data);
    advance();
  });
}

void ProgressiveDecoder::set_file(Bytes file) { file_ = file; }

void ProgressiveDecoder::finish() {
  guarded([&] { finish_picture(); });
}

std::optional<Event> ProgressiveDecoder::next_event() {
  if (told_ < events_.size()) return events_[told_++];
  events_.clear();
  told_ = 0;
  return {};
}

int ProgressiveDecoder::problem_count() const {
  const size_t kept = problems_.kept().size;
  const bool are_more = problems_.count() > static_cast<int64_t>(kept);
  return static_cast<int>(kept) + are_more;
}

// Whether there is a picture before the final one.
bool ProgressiveDecoder::shows_parts() const {
  return settings_.layers != Layers::kPreview && !settings_.region && !settings_.strict;
}

// Takes the chunks that the bytes so far complete.
void ProgressiveDecoder::advance() {
  if (!assembly_) {
    if (const std::optional<Head> head = chunks_.read_head(settings_.max_pixels)) {
      assembly_.emplace(*head, false);
      shown_.assign(assembly_->contents.colour_tiles.size(), 0);
      tell(EventKind::kInfo);
    }
  }
  check_size();
  if (!assembly_) return;
  Vector<int> tiles;
  const auto report = [&](const Problem& problem) { assembly_->report(problem); };
  while (!ended_) {
    const std::optional<Chunk> chunk = chunks_.next(report);
    if (!chunk) break;
    take_chunk(*chunk, &tiles);
  }
  Contents& contents = assembly_->contents;
  const auto is_there = [](const Extent& tile) { return tile.present(); };
  if (ended_ && std::all_of(contents.colour_tiles.begin(), contents.colour_tiles.end(), is_there) &&
      std::all_of(contents.alpha_tiles.begin(), contents.alpha_tiles.end(), is_there)) {
    assembly_->check_complete(nullptr);
  }
  for (; noted_ < contents.problems.kept().size; ++noted_) note(contents.problems.kept()[noted_]);
  show_tiles(tiles);
  if (ended_) finish_picture();
}

void ProgressiveDecoder::take_chunk(const Chunk& chunk, Vector<int>* tiles) {
  Contents& contents = assembly_->contents;
  assembly_->add(chunk, chunks_.whole());
  ended_ = chunk.type == chunk_type("TEND");
  if (metadata_index(chunk.type) >= 0) tell(EventKind::kMetadata);
  if (contents.preview && !preview_) show_preview();
  if (chunk.type != chunk_type("BASE") && chunk.type != chunk_type("ALPH")) return;
  const int index = tile_number(chunks_.whole(), chunk);
  const bool has_alpha_too = contents.alpha_tiles.empty() || contents.alpha_tiles[index].present();
  if (contents.colour_tiles[index].present() && has_alpha_too) tiles->push_back(index);
}

void ProgressiveDecoder::check_size() const {
  int64_t samples = 0;
  if (assembly_) {
    const Head& head = assembly_->contents.head;
    samples = int64_t{head.width} * head.height * head.channels;
  }
  const int64_t size = static_cast<int64_t>(chunks_.whole().size);
  if (size > kMaxBytesPerSample * samples + kMaxOtherBytes) {
    fail(ErrorCode::kTooManyBytes, Problem::kNowhere, "%" PRId64 " bytes are more than a picture of this size can need",
         size);
  }
}

// Takes a problem; reports it, unless there have been very many of its code.
void ProgressiveDecoder::note(const Problem& problem) {
  if (problems_.add(problem)) events_.push_back({EventKind::kProblem, {}, problem});
}

// Makes the preview the picture.
void ProgressiveDecoder::show_preview() {
  Contents& contents = assembly_->contents;
  const Head& head = contents.head;
  Image<uint8_t> preview = preview_of({chunks_.whole(), contents}, runner_);
  if (preview.empty()) {
    contents.preview.reset();
    note(make_problem(ErrorCode::kTileDamaged, Problem::kNowhere, "the preview cannot be decoded"));
    return;
  }
  preview_ = shared(std::move(preview));
  if (!shows_parts()) return;
  const Rect whole = {0, 0, head.width, head.height};
  canvas_ = shared(Image<uint8_t>(head.width, head.height, head.channels));
  enlarge(preview_->view(), whole, kPreviewScale, runner_, canvas_->view());
  if (head.bit_depth != 8) canvas_ = shared(from_eight_bits(canvas_->view(), head.channels, sample_type(head)));
  tell(EventKind::kPreview, whole);
}

// Puts tiles into the picture.
void ProgressiveDecoder::show_tiles(const Vector<int>& tiles) {
  if (tiles.empty() || !shows_parts()) return;
  const Contents& contents = assembly_->contents;
  const Head& head = contents.head;
  if (head.base_kind == kJpeg && !contents.jpeg_header.present()) return;
  if (!canvas_) canvas_ = shared(Image<uint8_t>(head.width, head.height, head.channels * bytes_per_sample(head)));
  const CodedPicture coded{chunks_.whole(), contents};
  Vector<uint8_t> is_whole(tiles.size());
  run_parallel(runner_, static_cast<int>(tiles.size()), [&](int i) {
    is_whole[i] = show_tile(coded, tiles[i], canvas_->view().part(tile_region(head, tiles[i])));
  });
  for (size_t i = 0; i < tiles.size(); ++i) {
    if (!is_whole[i]) {
      note(make_problem(ErrorCode::kTileDamaged, Problem::kNowhere, "tile %d cannot be decoded", tiles[i]));
      continue;
    }
    shown_[tiles[i]] = 1;
    ++shown_count_;
    tell(EventKind::kTile, tile_region(head, tiles[i]));
  }
}

SharedPicture ProgressiveDecoder::picture() {
  if (contents() == nullptr) return nullptr;
  const bool is_full = finished_ || preview_ || shown_count_ == static_cast<int>(shown_.size());
  if (is_full || shown_count_ == 0) return canvas_;
  fill_in();
  return filled_;
}

// Fills a picture without preview in where tiles have not come. That takes as long as decoding, and a viewer may
// ask after each tile: so it is done only when a quarter more tiles have come, some fifty times for 65,536 tiles. Tiles
// that come in between are copied into it.
void ProgressiveDecoder::fill_in() {
  if (!filled_ || shown_count_ > enough_) {
    DecodeSettings of_base = settings_;
    of_base.layers = Layers::kBase;
    ProblemLog ignored;
    try {
      filled_ = shared(decode(chunks_.whole(), of_base, models_, runner_, &ignored).pixels);
    } catch (const Failure&) {  // by something after damage; finish() will throw it as well
      filled_ = shared(decode(chunks_.given(), of_base, models_, runner_, &ignored).pixels);
    }
    filling_ = shown_;
    enough_ = shown_count_ * 5 / 4;
    return;
  }
  const Head& head = assembly_->contents.head;
  for (size_t i = 0; i < shown_.size(); ++i) {
    if (shown_[i] == filling_[i]) continue;
    const Rect region = tile_region(head, static_cast<int>(i));
    copy_rows<uint8_t>(canvas_->view().part(region), filled_->view().part(region));
    filling_[i] = 1;
  }
}

// Makes the final picture, unless what is shown is that already.
void ProgressiveDecoder::finish_picture() {
  if (file_.data != nullptr) {
    front_.emplace(read_front(file_, settings_.max_pixels));
    tell(EventKind::kInfo);
  } else if (!assembly_) {
    read_front(chunks_.whole(), settings_.max_pixels);  // says what is missing
    return;
  }
  const Head& head = contents()->head;
  const bool is_restored = head.base_kind == kJpeg && head.model_count > 0;
  const bool is_enhanced = settings_.layers == Layers::kFull && (is_restored || contents()->model() != nullptr);
  const bool is_whole =
      ended_ && problems_.kept().empty() && shown_count_ == static_cast<int>(shown_.size()) && shows_parts();
  // Interpolation in a JPEG crosses the edges of tiles.
  const bool has_seams = head.base_scale != 1 || (head.base_kind == kJpeg && shown_.size() > 1);
  if (is_whole && !has_seams && !is_enhanced) {
    tell(EventKind::kPicture);
  } else {
    decode_again();
    tell(EventKind::kPicture, {0, 0, canvas_->width(), canvas_->height()});
  }
  finished_ = true;
  filled_.reset();
}

// Decodes all that has come together; problems are reported unless they have been.
void ProgressiveDecoder::decode_again() {
  ProblemLog found;
  try {
    canvas_ = shared(decode(file(), settings_, models_, runner_, &found).pixels);
  } catch (const Failure& failure) {
    if (!preview_ || !shows_parts()) throw;
    found.add(failure.problem());  // no tile: the preview remains
  }
  const ProblemLog known = problems_;
  problems_ = found;
  for (const Problem& problem : found.entries()) {
    const Span<const Problem> before = known.kept();
    const bool is_known = std::any_of(before.begin(), before.end(), [&](const Problem& other) {
      return other.code == problem.code && other.offset == problem.offset;
    });
    if (!is_known) events_.push_back({EventKind::kProblem, {}, problem});
  }
}

}  // namespace veneer
