#include "enhance/jpeg_restoration.h"

#include <algorithm>
#include <numeric>

#include "base/jpeg/pixels.h"
#include "base/unit.h"
#include "enhance/geometry.h"
#include "enhance/jpeg_losses.h"
#include "enhance/network_run.h"
#include "enhance/texture.h"

namespace veneer {
namespace {

constexpr int kFinestMendedStep = 8;  // below it the network gains less than the rounding of pixels

int unit_of(const ModelNetwork& network) { return std::lcm(network.alignment(), kUnit); }

// What `jpeg_restore` sees of the picture for a box of it.
Rect seen_for(const JpegNetworks& networks, const JpegPlace& whole, const Rect& box) {
  return widened(box, networks.restore->halo(), unit_of(*networks.restore), whole.width, whole.height);
}

// What `texture` sees for a region, or the region itself.
Rect restored_for(const JpegNetworks& networks, const JpegPlace& whole, const Rect& region, int realism) {
  return realism > 0 ? visible_texture_part(*networks.texture, region, whole.width, whole.height) : region;
}

// A part of the picture in whole blocks of chroma, so that maps can be made of it.
Rect in_whole_blocks(const JpegPlace& whole, int across, int down, const Rect& box) {
  const int w = jpeg::kBlockSide * across, h = jpeg::kBlockSide * down, x = box.x / w * w, y = box.y / h * h;
  return {x, y, std::min((box.right() + w - 1) / w * w, whole.width) - x,
          std::min((box.bottom() + h - 1) / h * h, whole.height) - y};
}

// The decoded pixels that are read for a region of a JPEG that is restored.
Rect read_for(const JpegNetworks& networks, const JpegPlace& whole, const JpegCoding& coding, const Rect& region,
              int realism) {
  const Rect seen = seen_for(networks, whole, restored_for(networks, whole, region, realism));
  return in_whole_blocks(whole, coding.across, coding.down, seen);
}

// A part of the decoded picture and what its file says of the losses.
class DecodedPart {
 public:
  DecodedPart(const jpeg::Image& image, const JpegPlace& place, const JpegCoding& coding, const Rect& box,
              Runner& runner)
      : box_(box), strength_(strength_of(coding)), pixels_(box_.width, box_.height, jpeg::channels_of(image)) {
    jpeg::decode_pixels(image, box_.within({place.x, place.y, 0, 0}), runner, pixels_.view());
    maps_ = jpeg_maps(pixels_.view(), coding, runner);
  }

  const JpegStrength& strength() const { return strength_; }
  View<const uint8_t> pixels(const Rect& box) const {
    return View<const uint8_t>(pixels_.view()).part(box.within(box_));
  }
  // Of a box that begins at units. All boxes are in pixels of the whole picture.
  View<const uint8_t> maps(const Rect& box) const {
    return View<const uint8_t>(maps_.view()).part(cells_of(box.within(box_), 1, kUnit));
  }

 private:
  Rect box_;
  JpegStrength strength_;
  Image<uint8_t> pixels_, maps_;
};

// Restores a box of the picture, bytes or in 1/64 of a level, `max_columns` at a time.
template <typename T>
void restore_box(const JpegNetworks& networks, const JpegPlace& whole, const DecodedPart& decoded, const Rect& box,
                 int max_columns, const View<T>& out, Runner& runner) {
  using namespace network_run;
  for (int left = box.x; left < box.right(); left += max_columns) {
    const Rect columns = {left, box.y, std::min(max_columns, box.right() - left), box.height};
    const Rect seen = seen_for(networks, whole, columns);
    const View<const uint8_t> maps = decoded.maps(seen);
    const Inputs inputs = {{"picture", colours_of(decoded.pixels(seen))},
                           {"step", everywhere(&decoded.strength().step, maps.width, maps.height)},
                           {"settings", everywhere(decoded.strength().settings, maps.width, maps.height)},
                           {"maps", channels_of(maps)}};
    run_picture(*networks.restore, inputs, seen.width, seen.height, columns.within(seen), out.channels,
                out.part(columns.within(box)), runner);
  }
}

// The same for a region with texture over it.
void restore_with_texture(const JpegNetworks& networks, const JpegPlace& whole, const DecodedPart& decoded,
                          const Rect& region, int realism, uint32_t seed, int max_columns, const View<uint8_t>& out,
                          Runner& runner) {
  const Rect box = restored_for(networks, whole, region, realism);
  Image<int16_t> restored(box.width, box.height, out.channels);
  restore_box(networks, whole, decoded, box, max_columns, restored.view(), runner);
  const View<const uint8_t> maps = decoded.maps(box);
  const Image<uint8_t> steps(maps.width, maps.height, 1, decoded.strength().step), missing(maps.width, maps.height, 1);
  EnhancedPart part{restored.view(), maps, steps.view(), missing.view(), {}, box.x, box.y, seed};
  std::copy_n(decoded.strength().settings, kSettingChannels, part.settings);
  add_texture(*networks.texture, part, region.within(box), realism, out, runner, max_columns);
}

}  // namespace

bool can_restore(const jpeg::Image& image) {
  return image.count == 1 || image.count == 2 || (image.count == 3 && image.colour != jpeg::Colour::kRgb);
}

bool gains_by_restoration(const jpeg::Image& image) {
  const JpegCoding coding = coding_of(image);
  const auto most = [](const uint16_t* table) { return *std::max_element(table, table + jpeg::kBlockSize); };
  return coding.across != 1 || coding.down != 1 ||
         std::max(most(coding.luma), most(coding.chroma)) >= kFinestMendedStep;
}

Rect visible_jpeg_part(const JpegNetworks& networks, const jpeg::Image& image, const Rect& region, int realism) {
  if (!gains_by_restoration(image)) return region;
  return read_for(networks, {0, 0, image.width, image.height}, coding_of(image), region, realism);
}

Rect visible_jpeg_part_at_most(const JpegNetworks& networks, int width, int height, const Rect& region, int realism) {
  const JpegPlace whole = {0, 0, width, height};
  const Rect seen = seen_for(networks, whole, restored_for(networks, whole, region, realism));
  // Blocks of chroma and MCUs have at most 32 pixels a side, and a sample of chroma that is interpolated has 2.
  constexpr int kMostSide = 4 * jpeg::kBlockSide, kMargin = 2 * kMostSide + 2;
  return intersection({seen.x - kMargin, seen.y - kMargin, seen.width + 2 * kMargin, seen.height + 2 * kMargin},
                      {0, 0, width, height});
}

void restore_jpeg_region(const JpegNetworks& networks, const jpeg::Image& image, const Rect& region, int realism,
                         uint32_t seed, Runner& runner, const View<uint8_t>& out, int max_columns,
                         int64_t band_pixels) {
  restore_jpeg_region(networks, image, {0, 0, image.width, image.height}, region, realism, seed, runner, out,
                      max_columns, band_pixels);
}

void restore_jpeg_region(const JpegNetworks& networks, const jpeg::Image& image, const JpegPlace& place,
                         const Rect& region, int realism, uint32_t seed, Runner& runner, const View<uint8_t>& out,
                         int max_columns, int64_t band_pixels) {
  if (region.empty()) return;
  if (!gains_by_restoration(image)) {
    return jpeg::decode_pixels(image, region.within({place.x, place.y, 0, 0}), runner, out);
  }
  const JpegCoding coding = coding_of(image);
  const auto rows = static_cast<int>(std::clamp<int64_t>(band_pixels / region.width, 1, region.height));
  for (int top = 0; top < region.height; top += rows) {
    const Rect band = {region.x, region.y + top, region.width, std::min(rows, region.height - top)};
    const DecodedPart decoded(image, place, coding, read_for(networks, place, coding, band, realism), runner);
    const View<uint8_t> part = out.part(band.within(region));
    if (realism > 0) {
      restore_with_texture(networks, place, decoded, band, realism, seed, max_columns, part, runner);
    } else {
      restore_box(networks, place, decoded, band, max_columns, part, runner);
    }
  }
}

}  // namespace veneer
