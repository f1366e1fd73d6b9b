#include "picture/reconstruction.h"

#include <algorithm>
#include <numeric>

#include "enhance/apply_filters.h"
#include "enhance/layer.h"
#include "enhance/synthesis.h"
#include "enhance/texture.h"
#include "enhance/unrounded.h"
#include "picture/base_part.h"
#include "picture/deep_pixels.h"
#include "picture/interpolation.h"
#include "picture/jpeg_layer.h"
#include "picture/losses.h"
#include "picture/modular_layer.h"
#include "picture/stages.h"

namespace veneer {
namespace {

// Bytes of the colour of the tiles that are there.
int64_t colour_bytes(const Contents& contents) {
  int64_t size = 0;
  for (const Extent& tile : contents.colour_tiles) size += static_cast<int64_t>(tile.size);
  return size;
}

void note_losses(const Contents& contents, const Vector<int>& status, Reconstruction* result) {
  const TileGrid grid = tile_grid(contents.head);
  const Span<const int> every{status.data(), status.size()};
  result->problems = describe_losses(every, grid);
  result->is_worth_texture = is_worth_texture(every, grid, colour_bytes(contents));
}

// The enhanced picture of a part, or the base in its place, and the other inputs of `texture`. Owns what `part` shows.
struct Enhanced {
  Image<int16_t> picture;
  Image<uint8_t> maps, steps, missing;
  EnhancedPart part;
  Image<int16_t> exact, quarters;  // of a picture of more than 8 bits
  DeepBase deep;
};

// Which units of a region of the base picture were filled in, 0 or 1.
Image<uint8_t> missing_units(const BasePart& base, const Rect& needed) {
  constexpr int kUnitsOfCell = kSuperblock / kUnit;
  const Rect units = squares_of(needed.within(base.box), kUnit);
  Image<uint8_t> missing(units.width, units.height, 1);
  const View<const uint8_t> cells = base.decoding.lost.view();
  for (int y = 0; y < units.height; ++y) {
    const uint8_t* row = cells.row((units.y + y) / kUnitsOfCell);
    for (int x = 0; x < units.width; ++x) *missing.view().at(x, y) = row[(units.x + x) / kUnitsOfCell];
  }
  return missing;
}

// The inputs of `texture` for a region of the base picture, of which `picture` was made. Takes maps and steps from the
// decoding where the base has full size, and what deep pictures need at the end.
Enhanced enhanced_part(const CodedPicture& coded, BasePart* base, const Rect& needed, const BasePicture& seen,
                       Image<int16_t> picture) {
  Enhanced enhanced;
  EnhancedPart& part = enhanced.part;
  enhanced.picture = std::move(picture);
  enhanced.missing = missing_units(*base, needed);
  if (seen.scale == 1) {
    part.maps = seen.maps;
    part.steps = seen.steps;
    enhanced.maps = std::move(base->decoding.maps);
    enhanced.steps = std::move(base->decoding.steps);
  } else {
    const int width = seen.width(), height = seen.height();
    enhanced.missing = in_full_size(enhanced.missing.view(), seen.scale, width, height);
    enhanced.maps = in_full_size(seen.maps, seen.scale, width, height);
    enhanced.steps = in_full_size(seen.steps, seen.scale, width, height);
    part.maps = enhanced.maps.view();
    part.steps = enhanced.steps.view();
  }
  part.picture = enhanced.picture.view();
  part.missing = enhanced.missing.view();
  std::copy_n(seen.settings, 4, part.settings);
  part.x = seen.scale * needed.x;
  part.y = seen.scale * needed.y;
  part.seed = static_cast<uint32_t>(coded.contents.head.noise_seed);
  if (!base->decoding.exact.empty()) {
    enhanced.exact = std::move(base->decoding.exact);
    enhanced.quarters = std::move(base->decoding.quarters);
    const Rect there = needed.within(base->box);
    enhanced.deep = {enhanced.exact.view().part(there), enhanced.quarters.view().part(there),
                     coded.contents.head.bit_depth};
  }
  return enhanced;
}

// A region of the picture within a part of it whose corner is at (x, y).
template <typename T>
View<T> cut(const View<T>& picture, int x, int y, const Rect& region) {
  return picture.part({region.x - x, region.y - y, region.width, region.height});
}

// The part of a tile that lies in a box of the base picture, as a region of that box at full size.
Rect in_seen(const Rect& tile, const Rect& box, const BasePicture& seen) {
  return intersection(tile.within(box).scaled(seen.scale), {0, 0, seen.width(), seen.height()});
}

// What the file says of the tiles of a part.
struct TilesOfPart {
  Vector<PlacedTile> tiles;  // in the order of the part
  Vector<Rect> plain;        // of those that are shown as the base has them
};

TilesOfPart enhancement_of(const CodedPicture& coded, const BasePart& part) {
  const TileGrid grid = tile_grid(coded.contents.head);
  TilesOfPart result;
  for (int i = 0; i < part.tiles.count(); ++i) {
    const int index = part.tiles[i];
    const bool is_whole = part.decoding.status[i] == status::kOk;
    PlacedTile placed{grid.box(index).within(part.box), {}};
    const auto& chunk = coded.contents.enhancement[index];
    if (is_whole && chunk) {
      placed.tile = {chunk->strength, chunk->data.in(coded.file), (chunk->flags & kFiltered) != 0};
    } else if (is_whole) {
      result.plain.push_back(placed.box);
    }
    result.tiles.push_back(placed);
  }
  return result;
}

// Runs `restore` and filters on a region of the base picture; gives the numbers of tiles whose latents are invalid.
Enhanced enhance(const CodedPicture& coded, BasePart* part, const Rect& needed, const Networks& networks, int realism,
                 Runner& runner, Vector<int>* damaged) {
  const BasePicture base = whole_part(coded, *part);
  TilesOfPart tiles = enhancement_of(coded, *part);
  DecodedEnhancement decoded = decode_enhancement(networks, base, {tiles.tiles.data(), tiles.tiles.size()}, runner);
  const Rect box = needed.within(part->box);
  Image<int16_t> interpolated;
  const BasePicture seen = seen_part(coded, *part, needed, runner, &interpolated);
  const View<const int16_t> y = latents_in(networks, box, decoded.y.view());
  const View<const uint8_t> strengths = View<const uint8_t>(decoded.strengths.view()).part(squares_of(box, kUnit));
  Image<int16_t> made = synthesize(networks, seen, y, strengths, realism, runner);
  Vector<PlacedFilters> filtered;
  for (const PlacedFilters& filters : decoded.filters) {
    const Rect place = in_seen(filters.box, box, seen);
    if (!place.empty()) filtered.push_back({place, filters.filters});
  }
  apply_filters(&made, seen.shown(), {filtered.data(), filtered.size()}, runner);
  for (int number : decoded.damaged) {
    tiles.plain.push_back(tiles.tiles[number].box);
    damaged->push_back(part->tiles[number]);
  }
  for (const Rect& tile : tiles.plain) {
    const Rect place = in_seen(tile, box, seen);
    if (!place.empty()) from_quarters(seen.shown().part(place), made.view().part(place));
  }
  return enhanced_part(coded, part, needed, seen, std::move(made));
}

// Runs `texture` for a region of a deep picture, or only where something was lost where realism is 0, and rounds the
// result, or the enhanced picture as it is.
void finish_deep(const Enhanced& enhanced, const ModelNetwork* texture, int realism, const Rect& region,
                 const View<uint8_t>& pixels, Runner& runner) {
  const EnhancedPart& part = enhanced.part;
  Image<int16_t> made(region.width, region.height, part.picture.channels);
  if (texture != nullptr && realism > 0) {
    add_texture(*texture, part, region, realism, made.view(), runner);
  } else {
    copy_rows<int16_t>(part.picture.part(region), made.view());
    if (texture != nullptr) fill_with_texture(*texture, part, region, made.view(), runner);
  }
  to_deep_pixels(made.view(), enhanced.deep.part(region), pixels);
}

// Puts alpha beside colour that has been written to `pixels`; the status of a tile covers both.
void add_alpha(const CodedPicture& coded, const Rect& region, Runner& runner, const View<uint8_t>& pixels,
               Vector<int>* status) {
  Vector<int> alpha_status;
  const Image<uint8_t> alpha = decode_pixels(coded, region, true, runner, &alpha_status);
  const int bytes = bytes_per_sample(coded.contents.head), last = pixels.channels - bytes;
  for (int y = 0; y < pixels.height; ++y) {
    const uint8_t* from = alpha.view().row(y);
    uint8_t* to = pixels.row(y);
    for (int x = 0; x < pixels.width; ++x) {
      std::copy_n(from + x * pixels.channels + last, bytes, to + x * pixels.channels + last);
    }
  }
  for (size_t i = 0; i < status->size(); ++i) {
    if ((*status)[i] == status::kOk && alpha_status[i] == status::kAlphaDamaged) (*status)[i] = status::kAlphaDamaged;
  }
}

}  // namespace

Reconstruction reconstruct_base(const CodedPicture& coded, const Rect& region, Runner& runner) {
  const Head& head = coded.contents.head;
  Reconstruction result;
  if (head.base_kind == kJpeg) return reconstruct_jpeg(coded, region, nullptr, runner);
  if (head.base_kind == kModular) {
    Vector<int> status;
    result.pixels = decode_modular(coded, region, runner, &status);
    result.problems = describe_losses({status.data(), status.size()}, tile_grid(head));
    return result;
  }
  if (head.base_scale == 1) {
    Vector<int> status;
    result.pixels = decode_pixels(coded, region, false, runner, &status);
    note_losses(coded.contents, status, &result);
    return result;
  }
  const Rect needed = Stages(head).region_of(-1, region);
  const BasePart part = decode_part(coded, needed, runner);
  const Image<int16_t> doubled = interpolate(part.decoding.quarters.view().part(needed.within(part.box)), runner);
  result.pixels = Image<uint8_t>(region.width, region.height, head.channels);
  quarters_to_pixels(
      cut(View<const int16_t>(doubled.view()), head.base_scale * needed.x, head.base_scale * needed.y, region),
      result.pixels.view());
  note_losses(coded.contents, part.picture_status(tile_grid(head)), &result);
  return result;
}

void add_texture_where_lost(const CodedPicture& coded, const Rect& region, const ModelNetwork& texture, Runner& runner,
                            const View<uint8_t>& pixels) {
  const Head& head = coded.contents.head;
  const TileGrid grid = tile_grid(head);
  const int scale = head.base_scale, unit = std::lcm(texture_unit(texture), kUnit * scale);
  const Rect needed = over(scale, widened(region, 0, unit, scale * grid.width(), scale * grid.height()));
  BasePart part = decode_part(coded, needed, runner);
  Image<int16_t> interpolated;
  const BasePicture seen = seen_part(coded, part, needed, runner, &interpolated);
  const Enhanced filled = enhanced_part(coded, &part, needed, seen, from_quarters(seen.shown()));
  const Rect shown = region.within({filled.part.x, filled.part.y, 0, 0});
  if (filled.exact.empty()) {
    fill_with_texture(texture, filled.part, shown, pixels, runner);
  } else {
    finish_deep(filled, &texture, 0, shown, pixels, runner);
  }
}

Reconstruction reconstruct_enhanced(const CodedPicture& coded, const Rect& region, const Networks& networks,
                                    int realism, TextureWhereLost texture_where_lost, Runner& runner) {
  const Head& head = coded.contents.head;
  const Stages stages(head, networks, realism);
  const Rect needed = stages.region_of(-1, region);
  Reconstruction result;
  Vector<int> status, damaged;
  Enhanced enhanced;
  {
    BasePart part = decode_part(coded, needed, runner);
    status = part.picture_status(tile_grid(head));
    if (is_nothing_left({status.data(), status.size()})) {  // no picture comes of it: the networks need not run
      result.problems = describe_losses({status.data(), status.size()}, tile_grid(head));
      return result;
    }
    enhanced = enhance(coded, &part, needed, networks, realism, runner, &damaged);
  }
  const EnhancedPart& seen = enhanced.part;
  const bool is_whole = std::none_of(status.begin(), status.end(), loses);
  const ModelNetwork* const texture = realism > 0 ? networks.texture : is_whole ? nullptr : texture_where_lost();
  result.pixels = Image<uint8_t>(region.width, region.height, head.channels * bytes_per_sample(head));
  const View<uint8_t> pixels = result.pixels.view();
  if (!enhanced.exact.empty()) {
    finish_deep(enhanced, texture, realism, region.within({seen.x, seen.y, 0, 0}), pixels, runner);
  } else if (texture != nullptr && realism > 0) {
    const EnhancedPart part = seen.part(stages.region_of(0, region).within({seen.x, seen.y, 0, 0}));
    add_texture(*texture, part, region.within({part.x, part.y, 0, 0}), realism, pixels, runner);
  } else {
    const Rect shown = region.within({seen.x, seen.y, 0, 0});
    to_pixels(seen.picture.part(shown), pixels);
    if (texture != nullptr) fill_with_texture(*texture, seen, shown, pixels, runner);
  }
  if (has_alpha(head)) add_alpha(coded, region, runner, result.pixels.view(), &status);
  result.problems = describe_losses({status.data(), status.size()}, tile_grid(head));
  if (!damaged.empty()) {
    result.problems.push_back(make_problem(ErrorCode::kLatentsDamaged, Problem::kNowhere,
                                           "latents or filters of %zu tiles (%s) cannot be decoded", damaged.size(),
                                           shown_numbers({damaged.data(), damaged.size()}).text));
  }
  return result;
}

}  // namespace veneer
