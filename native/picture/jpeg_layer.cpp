#include "picture/jpeg_layer.h"

#include <algorithm>

#include "base/jpeg/geometry.h"
#include "base/jpeg/levels.h"
#include "base/jpeg/part.h"
#include "base/jpeg/pixels.h"
#include "base/jpeg/rebuild.h"
#include "container/reader.h"
#include "enhance/jpeg_restoration.h"
#include "picture/base_layer.h"
#include "picture/filling.h"
#include "picture/losses.h"

namespace veneer {
namespace {

// Pixels around a region that its own may depend on: an MCU of at most 32 pixels, and the one before it.
constexpr int kBorder = 64;

// Of a JPEG that is given back.
constexpr int64_t kMostJpegBytes = kMaxChunkLength;

int64_t offset_of(const Extent& payload) {
  return payload.present() ? static_cast<int64_t>(payload.offset) : Problem::kNowhere;
}

// Some tiles of a JPEG as a picture of its own.
struct JpegPart {
  jpeg::Image image;
  Rect mcus;  // that it holds, of the whole JPEG
  Rect box;   // the pixels that these cover
};

// The part that a range of tiles makes, all levels 0.
JpegPart part_of(const TileGrid& grid, const jpeg::Image& geometry, const TileRange& tiles) {
  const Rect first = mcus_of_tile(grid, geometry, tiles[0]);
  const Rect last = mcus_of_tile(grid, geometry, tiles[tiles.count() - 1]);
  JpegPart part;
  part.mcus = {first.x, first.y, last.right() - first.x, last.bottom() - first.y};
  part.box = jpeg::pixels_of(geometry, part.mcus);
  part.image = jpeg::geometry_of_part(geometry, part.mcus);
  jpeg::allocate_levels(&part.image);
  return part;
}

// Levels and status of a tile. Where it cannot be decoded, its levels are 0.
int decode_tile(const CodedPicture& coded, const TileGrid& grid, const jpeg::Image& geometry, int index,
                JpegPart* part) {
  const Extent& payload = coded.contents.colour_tiles[index];
  if (!payload.present()) return status::kMissing;
  if (index == coded.contents.cut_tile) return status::kCut;
  const Rect mcus = mcus_of_tile(grid, geometry, index).within(part->mcus);
  if (mcus.empty()) return status::kOk;  // all its pixels are of MCUs of other tiles
  if (jpeg::decode_levels(payload.in(coded.file), mcus, &part->image)) return status::kOk;
  jpeg::clear_levels(mcus, &part->image);
  return status::kDamaged;
}

JpegPart decode_tiles(const CodedPicture& coded, const TileGrid& grid, const jpeg::Image& geometry,
                      const TileRange& tiles, Runner& runner, Vector<int>* status) {
  JpegPart part = part_of(grid, geometry, tiles);
  run_parallel(runner, tiles.count(),
               [&](int i) { (*status)[tiles[i]] = decode_tile(coded, grid, geometry, tiles[i], &part); });
  return part;
}

// Which superblocks of a region a lost tile has pixels of.
Image<uint8_t> lost_cells_of(const TileGrid& grid, const jpeg::Image& image, const Rect& region,
                             const Vector<int>& status) {
  const Rect cells = squares_of(region, kCell);
  Image<uint8_t> lost(cells.width, cells.height, 1);
  for (size_t i = 0; i < status.size(); ++i) {
    if (!loses(status[i])) continue;
    const Rect part = intersection(jpeg::pixels_of(image, mcus_of_tile(grid, image, static_cast<int>(i))), region);
    if (part.empty()) continue;
    const Rect own = squares_of(part, kCell);
    for (int y = own.y; y < own.bottom(); ++y) {
      std::fill_n(lost.view().at(own.x - cells.x, y - cells.y), own.width, uint8_t{1});
    }
  }
  return lost;
}

void check_keeps_jpeg(const Head& head) {
  if (head.base_kind == kJpeg) return;
  fail(ErrorCode::kNoJpeg, Problem::kNowhere, "the file does not keep a JPEG; it is decoded to pixels");
}

// What JHDR says, with or without components.
jpeg::Image any_geometry(Bytes file, const Contents& contents) {
  const int64_t place = offset_of(contents.jpeg_header);
  jpeg::Image image;
  if (!contents.jpeg_header.present()) fail(ErrorCode::kJpegHeader, place, "there is no intact chunk JHDR");
  if (!jpeg::decode_geometry(contents.jpeg_header.in(file), &image)) {
    fail(ErrorCode::kJpegHeader, place, "chunk JHDR is invalid");
  }
  return image;
}

jpeg::Script script_of(Bytes file, const Contents& contents, const jpeg::Image& geometry, jpeg::ScriptPart part) {
  const int64_t place = offset_of(contents.jpeg_script);
  if (!contents.jpeg_script.present()) fail(ErrorCode::kJpegScript, place, "there is no intact chunk JSCR");
  jpeg::Script script;
  const jpeg::ScriptState state =
      jpeg::decode_script(contents.jpeg_script.in(file), geometry, kMostJpegBytes, part, &script);
  if (state == jpeg::ScriptState::kTooLarge) {
    fail(ErrorCode::kTooManyBytes, place, "the JPEG has more than the %lld bytes allowed",
         static_cast<long long>(kMostJpegBytes));
  }
  if (state == jpeg::ScriptState::kInvalid) fail(ErrorCode::kJpegScript, place, "chunk JSCR is invalid");
  return script;
}

// The levels of the whole JPEG. Throws Failure of kTileDamaged.
jpeg::Image all_levels(const CodedPicture& coded, Runner& runner) {
  const TileGrid grid = tile_grid(coded.contents.head);
  const jpeg::Image geometry = jpeg_geometry(coded.file, coded.contents);
  Vector<int> status(grid.count(), status::kOk);
  const TileRange tiles = grid.covering({0, 0, grid.width(), grid.height()});
  JpegPart part = decode_tiles(coded, grid, geometry, tiles, runner, &status);
  const auto bad = std::find_if(status.begin(), status.end(), [](int each) { return each != status::kOk; });
  if (bad == status.end()) return std::move(part.image);
  fail(ErrorCode::kTileDamaged, Problem::kNowhere, "the payload of tile %d is invalid",
       static_cast<int>(bad - status.begin()));
}

}  // namespace

jpeg::Image jpeg_geometry(Bytes file, const Contents& contents) {
  const Head& head = contents.head;
  const int64_t place = offset_of(contents.jpeg_header);
  jpeg::Image image = any_geometry(file, contents);
  if (image.count == 0) {
    fail(ErrorCode::kNoPixels, place, "the file keeps a JPEG as bytes alone; they can be had, pixels cannot");
  }
  if (image.width != head.width || image.height != head.height || jpeg::channels_of(image) != head.channels) {
    fail(ErrorCode::kJpegHeader, place, "chunk JHDR is of a picture of %dx%dx%d, HEAD of one of %dx%dx%d", image.width,
         image.height, jpeg::channels_of(image), head.width, head.height, head.channels);
  }
  return image;
}

Rect mcus_of_tile(const TileGrid& grid, const jpeg::Image& geometry, int index) {
  const Rect box = grid.box(index);
  const int w = jpeg::mcu_width(geometry), h = jpeg::mcu_height(geometry);
  const int x = (box.x + w - 1) / w, y = (box.y + h - 1) / h;
  return {x, y, (box.right() + w - 1) / w - x, (box.bottom() + h - 1) / h - y};
}

Rect jpeg_region_at_most(const Head& head, const Rect& region, const JpegRestoration* restoration) {
  const Rect seen = restoration ? visible_jpeg_part_at_most(restoration->networks, head.width, head.height, region,
                                                            restoration->realism)
                                : region;
  return intersection({seen.x - kBorder, seen.y - kBorder, seen.width + 2 * kBorder, seen.height + 2 * kBorder},
                      {0, 0, head.width, head.height});
}

bool decode_jpeg_tile(const CodedPicture& coded, int index, const View<uint8_t>& out) {
  const TileGrid grid = tile_grid(coded.contents.head);
  const jpeg::Image geometry = jpeg_geometry(coded.file, coded.contents);
  const Rect box = grid.box(index);
  JpegPart part = part_of(grid, geometry, grid.covering(box));
  if (decode_tile(coded, grid, geometry, index, &part) != status::kOk) return false;
  SameThread here;
  const Rect shown = intersection(part.box, box);
  if (!shown.empty()) {
    jpeg::decode_pixels(part.image, shown.within(part.box), here, out.part(shown.within(box)));
  }
  return true;
}

Reconstruction reconstruct_jpeg(const CodedPicture& coded, const Rect& region, const JpegRestoration* restoration,
                                Runner& runner) {
  const TileGrid grid = tile_grid(coded.contents.head);
  const jpeg::Image geometry = jpeg_geometry(coded.file, coded.contents);
  const bool restores = restoration != nullptr && can_restore(geometry) && gains_by_restoration(geometry);
  const Rect seen =
      restores ? visible_jpeg_part(restoration->networks, geometry, region, restoration->realism) : region;
  Vector<int> status(grid.count(), status::kNotNeeded);
  // The tile of an MCU is that of its first pixel.
  const TileRange tiles = grid.covering(jpeg::pixels_of(geometry, jpeg::mcus_of(geometry, seen)));
  const JpegPart part = decode_tiles(coded, grid, geometry, tiles, runner, &status);
  Reconstruction result;
  result.pixels = Image<uint8_t>(region.width, region.height, coded.contents.head.channels);
  if (restores) {
    const JpegPlace place{part.box.x, part.box.y, geometry.width, geometry.height};
    restore_jpeg_region(restoration->networks, part.image, place, region, restoration->realism,
                        static_cast<uint32_t>(coded.contents.head.noise_seed), runner, result.pixels.view());
  } else {
    jpeg::decode_pixels(part.image, region.within(part.box), runner, result.pixels.view());
  }
  const bool some_lost = std::any_of(status.begin(), status.end(), loses);
  if (some_lost && !is_nothing_left({status.data(), status.size()})) {
    const Image<uint8_t> preview = preview_of(coded, runner);
    fill(result.pixels.view(), 0, result.pixels.channels(), lost_cells_of(grid, geometry, region, status), region,
         preview.empty() ? nullptr : &preview);
  }
  result.problems = describe_losses({status.data(), status.size()}, grid);
  return result;
}

Vector<uint8_t> jpeg_front(Bytes file, const Contents& contents) {
  check_keeps_jpeg(contents.head);
  const jpeg::Image image = any_geometry(file, contents);
  jpeg::Script script = script_of(file, contents, image, jpeg::ScriptPart::kMetadata);
  if (!script.scans.empty() && script.scans[0].text < script.text.size()) script.text.resize(script.scans[0].text);
  return std::move(script.text);
}

namespace {

// Whether a file holds all that the bytes of its JPEG come of.
bool has_whole_jpeg(const Contents& contents) {
  const auto is_there = [](const Extent& tile) { return tile.present(); };
  const Vector<Extent>& tiles = contents.colour_tiles;
  return contents.jpeg_header.present() && contents.jpeg_script.present() && contents.cut_tile < 0 &&
         std::all_of(tiles.begin(), tiles.end(), is_there);
}

// What the bytes of a JPEG come of. Faults of other chunks do no harm: a hash tells whether the bytes are the right ones.
Contents read_for_jpeg(Bytes file, int64_t max_pixels) {
  try {
    return read_contents(file, true, max_pixels, nullptr, false);
  } catch (const Failure&) {
    try {
      Contents contents = read_contents(file, false, max_pixels, nullptr, false);
      if (has_whole_jpeg(contents)) return contents;
    } catch (const Failure&) {  // the first one says what is wrong
    }
    throw;
  }
}

}  // namespace

void write_jpeg(Bytes file, int64_t max_pixels, Runner& runner, jpeg::Sink sink) {
  const Contents contents = read_for_jpeg(file, max_pixels);
  check_keeps_jpeg(contents.head);
  const CodedPicture coded{file, contents};
  jpeg::Image image = any_geometry(file, contents);
  if (image.count > 0) image = all_levels(coded, runner);
  const jpeg::Script script = script_of(file, contents, image, jpeg::ScriptPart::kAll);
  const jpeg::RebuildState made = jpeg::rebuild(image, script, sink);
  if (made == jpeg::RebuildState::kGood) return;
  fail(ErrorCode::kJpegScript, offset_of(contents.jpeg_script), "%s",
       made == jpeg::RebuildState::kWrongHash ? "the bytes that come of chunk JSCR are not those that were encoded"
                                              : "chunk JSCR is invalid");
}

}  // namespace veneer
