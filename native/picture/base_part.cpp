#include "picture/base_part.h"

#include <optional>

#include "picture/interpolation.h"
#include "picture/preview.h"

namespace veneer {
namespace {

constexpr int16_t kDependentSetting = 16;

CodedTile coded_tile(const Extent& extent, Bytes file) { return {extent.in(file), extent.present()}; }

// The preview that the base layer fills in what is lost with: of the base picture, or of a part of it.
class Filling {
 public:
  // `part` is empty for all of a picture whose base has full size.
  Filling(const CodedPicture& coded, const Rect& part, Runner& runner) : coded_(coded), part_(part), runner_(runner) {}

  const Image<uint8_t>* operator()() {
    preview_ = preview_of(coded_, runner_);
    if (preview_.empty()) return nullptr;
    if (part_.empty()) return &preview_;
    const int scale = coded_.contents.head.base_scale;
    if (scale > 1) preview_ = reduce_picture(preview_.view(), scale, runner_);
    const Rect cells = {part_.x / kPreviewScale, part_.y / kPreviewScale, preview_side(part_.width),
                        preview_side(part_.height)};
    const Rect there = intersection(cells, preview_.view().size());
    Image<uint8_t> cut(there.width, there.height, preview_.channels());
    copy_rows<uint8_t>(preview_.view().part(there), cut.view());
    preview_ = std::move(cut);
    return &preview_;
  }

 private:
  const CodedPicture& coded_;
  Rect part_;
  Runner& runner_;
  Image<uint8_t> preview_;
};

}  // namespace

Image<uint8_t> preview_of(const CodedPicture& coded, Runner& runner) {
  const Head& head = coded.contents.head;
  if (!coded.contents.preview) return {};
  const CodedPreview& preview = *coded.contents.preview;
  PreviewCode code;
  if (!parse_base_params(preview.parameters, &code.params)) return {};
  code.colour = preview.colour.in(coded.file);
  code.alpha = preview.alpha.in(coded.file);
  return decode_preview(code, head.width, head.height, head.channels, runner);
}

Vector<int> BasePart::picture_status(const TileGrid& grid) const {
  Vector<int> status(grid.count(), status::kNotNeeded);
  for (int i = 0; i < tiles.count(); ++i) status[tiles[i]] = decoding.status[i];
  return status;
}

BasePart decode_part(const CodedPicture& coded, const Rect& needed, Runner& runner) {
  const Contents& contents = coded.contents;
  const TileGrid grid = tile_grid(contents.head);
  BasePart part;
  part.tiles = grid.covering(needed);
  part.box = grid.around(needed);
  Vector<CodedTile> colour;
  CodedBase base{TileGrid(part.box.width, part.box.height, grid.tile_log2()),
                 contents.head.channels,
                 contents.head.base_params,
                 {},
                 {},
                 -1,
                 nullptr};
  for (int i = 0; i < part.tiles.count(); ++i) {
    colour.push_back(coded_tile(contents.colour_tiles[part.tiles[i]], coded.file));
    if (part.tiles[i] == contents.cut_tile) base.cut_tile = i;
  }
  base.colour = {colour.data(), colour.size()};
  Filling filling(coded, part.box, runner);
  const PreviewSource preview(filling);
  if (contents.preview) base.preview = &preview;
  part.decoding = decode_base_quarters(base, runner);
  return part;
}

Image<uint8_t> decode_pixels(const CodedPicture& coded, const Rect& region, bool without_colour, Runner& runner,
                             Vector<int>* status) {
  const Contents& contents = coded.contents;
  const TileGrid grid = tile_grid(contents.head);
  Vector<CodedTile> colour, alpha;
  BaseParams params = contents.head.base_params;
  // An empty payload is valid where there are no filters, and takes no time to decode.
  if (without_colour) params.tools = static_cast<uint8_t>(params.tools & ~kToolFilters);
  for (const Extent& tile : contents.colour_tiles) {
    colour.push_back(without_colour ? CodedTile{Bytes(), true} : coded_tile(tile, coded.file));
  }
  for (const Extent& tile : contents.alpha_tiles) alpha.push_back(coded_tile(tile, coded.file));
  Filling filling(coded, Rect(), runner);
  const PreviewSource preview(filling);
  const CodedBase base{grid,
                       contents.head.channels,
                       params,
                       {colour.data(), colour.size()},
                       {alpha.data(), alpha.size()},
                       without_colour ? -1 : contents.cut_tile,
                       contents.preview ? &preview : nullptr};
  Image<uint8_t> pixels(region.width, region.height, contents.head.channels * bytes_per_sample(contents.head));
  status->assign(grid.count(), status::kNotNeeded);
  decode_base(base, region, runner, pixels.view(), {status->data(), status->size()});
  return pixels;
}

BasePicture whole_part(const CodedPicture& coded, const BasePart& part) {
  const Head& head = coded.contents.head;
  const BaseParams& params = head.base_params;
  BasePicture base;
  base.quarters = part.decoding.quarters.view();
  base.maps = part.decoding.maps.view();
  base.steps = part.decoding.steps.view();
  base.settings[0] = params.plane_offset[0];
  base.settings[1] = params.plane_offset[1];
  base.settings[2] = params.matrix;
  base.settings[3] = params.tools & kToolDependent ? kDependentSetting : int16_t{0};
  base.scale = head.base_scale;
  return base;
}

BasePicture seen_part(const CodedPicture& coded, const BasePart& part, const Rect& needed, Runner& runner,
                      Image<int16_t>* interpolated) {
  BasePicture seen = whole_part(coded, part).part(needed.within(part.box));
  if (seen.scale > 1) {
    *interpolated = interpolate(seen.quarters, runner);
    seen.interpolated = interpolated->view();
  }
  return seen;
}

}  // namespace veneer
