#include "picture/decoder.h"

#include "container/reader.h"
#include "enhance/synthesis.h"
#include "picture/jpeg_layer.h"
#include "picture/modular_layer.h"
#include "picture/network_finder.h"
#include "picture/preview.h"
#include "picture/reconstruction.h"
#include "picture/sample_depth.h"
#include "picture/stages.h"

namespace veneer {
namespace {

// The region, or the whole picture.
Rect checked(const std::optional<Rect>& region, const Head& head) {
  if (!region) return {0, 0, head.width, head.height};
  const Rect& r = *region;
  const int64_t right = int64_t{r.x} + r.width, bottom = int64_t{r.y} + r.height;
  if (r.x < 0 || r.y < 0 || r.width < 1 || r.height < 1 || right > head.width || bottom > head.height) {
    fail(ErrorCode::kBadRegion, Problem::kNowhere, "region %d,%d,%d,%d does not lie within %dx%d pixels", r.x, r.y,
         r.width, r.height, head.width, head.height);
  }
  return r;
}

void fill_with_texture(const CodedPicture& coded, const Rect& region, ModelSource& models, Runner& runner,
                       const View<uint8_t>& pixels) {
  try {
    const Model model = filling_model(coded.contents.head, models);
    if (!model.networks.empty()) add_texture_where_lost(coded, region, texture_network_of(model), runner, pixels);
  } catch (const Failure&) {  // then the smooth filling stays
  }
}

void report(Span<const Problem> found, bool strict, ProblemLog* problems) {
  for (const Problem& problem : found) {
    if (strict || problem.code == ErrorCode::kNoTile) throw Failure(problem);
  }
  problems->extend(found);
}

DecodedPicture decode_picture(Bytes file, const DecodeSettings& settings, ModelSource& models, Runner& runner,
                              ProblemLog* problems) {
  const bool is_full = settings.layers == Layers::kFull;
  NetworkFinder finder(models, settings);
  const auto realism = [&](const Head& head) { return realism_of(settings, head); };
  const auto stages = [&](const Head& head, const Networks* networks) {
    return networks ? Stages(head, *networks, realism(head)) : Stages(head);
  };
  const auto restoration = [&](const Head& head) -> std::optional<JpegRestoration> {
    const JpegNetworks* networks = is_full ? finder.find_for_jpeg(head) : nullptr;
    if (networks == nullptr) return {};
    return JpegRestoration{*networks, networks->texture != nullptr ? realism(head) : 0};
  };
  const auto needed = [&](const Head& head, const ModelSlot* model) {
    if (head.base_kind == kJpeg) {
      const std::optional<JpegRestoration> found = restoration(head);
      return jpeg_region_at_most(head, checked(settings.region, head), found ? &*found : nullptr);
    }
    return stages(head, is_full ? finder.find(head, model) : nullptr).region_of(-1, checked(settings.region, head));
  };
  const Needed asked(needed);
  const Contents contents =
      read_contents(file, settings.strict, settings.max_pixels, settings.region ? &asked : nullptr, is_full);
  const Head& head = contents.head;
  const Rect region = checked(settings.region, head);
  const CodedPicture coded{file, contents};
  const bool keeps_jpeg = head.base_kind == kJpeg;
  const std::optional<JpegRestoration> restoring = keeps_jpeg ? restoration(head) : std::nullopt;
  const Networks* networks = is_full && !keeps_jpeg ? finder.find(head, contents.model()) : nullptr;
  const auto texture_where_lost = [&] { return finder.find_texture_where_lost(head); };
  ProblemLog found = contents.problems;
  found.extend(finder.problems());
  Reconstruction result;
  bool is_made = false;
  if (networks != nullptr || restoring) {
    try {
      result = restoring ? reconstruct_jpeg(coded, region, &*restoring, runner)
                         : reconstruct_enhanced(coded, region, *networks, realism(head), texture_where_lost, runner);
      is_made = true;
    } catch (const Failure& failure) {
      found.add(failure.problem());
    }
  }
  if (!is_made) {
    result = reconstruct_base(coded, region, runner);
    if (is_full && result.is_worth_texture && !settings.strict) {
      fill_with_texture(coded, region, models, runner, result.pixels.view());
    }
  }
  found.extend({result.problems.data(), result.problems.size()});
  const Vector<Problem> entries = found.entries();
  report({entries.data(), entries.size()}, settings.strict, problems);
  return {std::move(result.pixels), bytes_per_sample(head), sample_type(head).is_half};
}

// The preview of the file, or one made of its base layer; of a region the pixels that stand for some of it.
DecodedPicture decode_small(Bytes file, const DecodeSettings& settings, ModelSource& models, Runner& runner,
                            ProblemLog* problems) {
  const Contents front = read_front(file, settings.max_pixels);
  const Head& head = front.head;
  const Rect wanted = covering_region(checked(settings.region, head));
  if (front.preview) {
    const Image<uint8_t> preview = preview_of({file, front}, runner);
    if (!preview.empty()) {
      const Vector<Problem> entries = front.problems.entries();
      report({entries.data(), entries.size()}, settings.strict, problems);
      Image<uint8_t> result(wanted.width, wanted.height, preview.channels());
      copy_rows<uint8_t>(preview.view().part(wanted), result.view());
      return {std::move(result), 1};
    }
    const Problem damage = make_problem(ErrorCode::kTileDamaged, Problem::kNowhere, "the preview cannot be decoded");
    report({&damage, 1}, settings.strict, problems);
  }
  DecodeSettings of_base = settings;
  of_base.layers = Layers::kBase;
  of_base.region = intersection(wanted.scaled(kPreviewScale), {0, 0, head.width, head.height});
  const Image<uint8_t> base = decode_picture(file, of_base, models, runner, problems).pixels;
  if (head.bit_depth == 8) return {reduce_picture(base.view(), kPreviewScale, runner), 1};
  return {reduce_picture(to_eight_bits(base.view(), head.channels, sample_type(head)).view(), kPreviewScale, runner),
          1};
}

}  // namespace

DecodedPicture decode(Bytes file, const DecodeSettings& settings, ModelSource& models, Runner& runner,
                      ProblemLog* problems) {
  return settings.layers == Layers::kPreview ? decode_small(file, settings, models, runner, problems)
                                             : decode_picture(file, settings, models, runner, problems);
}

}  // namespace veneer
