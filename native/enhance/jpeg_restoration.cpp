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

constexpr int kSide = 8;              // of a block
constexpr int kFinestMendedStep = 8;  // below it the network gains less than the rounding of pixels

int unit_of(const ModelNetwork& network) { return std::lcm(network.alignment(), kUnit); }

// What `jpeg_restore` sees of the picture for a box of it.
Rect seen_for(const JpegNetworks& networks, const jpeg::Image& image, const Rect& box) {
  return widened(box, networks.restore->halo(), unit_of(*networks.restore), image.width, image.height);
}

// What `texture` sees for a region, or the region itself.
Rect restored_for(const JpegNetworks& networks, const jpeg::Image& image, const Rect& region, int realism) {
  return realism > 0 ? visible_texture_part(*networks.texture, region, image.width, image.height) : region;
}

// A part of the picture in whole blocks of chroma, so that maps can be made of it.
Rect in_whole_blocks(const jpeg::Image& image, const JpegCoding& coding, const Rect& box) {
  const int across = kSide * coding.across, down = kSide * coding.down, x = box.x / across * across,
            y = box.y / down * down;
  return {x, y, std::min((box.right() + across - 1) / across * across, image.width) - x,
          std::min((box.bottom() + down - 1) / down * down, image.height) - y};
}

// A part of the decoded picture and what its file says of the losses.
class DecodedPart {
 public:
  DecodedPart(const jpeg::Image& image, const JpegCoding& coding, const Rect& wanted, Runner& runner)
      : box_(in_whole_blocks(image, coding, wanted)),
        strength_(strength_of(coding)),
        pixels_(box_.width, box_.height, jpeg::channels_of(image)) {
    jpeg::decode_pixels(image, box_, runner, pixels_.view());
    maps_ = jpeg_maps(pixels_.view(), coding, runner);
  }

  const JpegStrength& strength() const { return strength_; }
  View<const uint8_t> pixels(const Rect& box) const {
    return View<const uint8_t>(pixels_.view()).part(box.within(box_));
  }
  // Of a box that begins at units.
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
void restore_box(const JpegNetworks& networks, const jpeg::Image& image, const DecodedPart& decoded, const Rect& box,
                 int max_columns, const View<T>& out, Runner& runner) {
  using namespace network_run;
  for (int left = box.x; left < box.right(); left += max_columns) {
    const Rect columns = {left, box.y, std::min(max_columns, box.right() - left), box.height};
    const Rect seen = seen_for(networks, image, columns);
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
void restore_with_texture(const JpegNetworks& networks, const jpeg::Image& image, const DecodedPart& decoded,
                          const Rect& region, int realism, uint32_t seed, int max_columns, const View<uint8_t>& out,
                          Runner& runner) {
  const Rect box = restored_for(networks, image, region, realism);
  Image<int16_t> restored(box.width, box.height, out.channels);
  restore_box(networks, image, decoded, box, max_columns, restored.view(), runner);
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
  const Rect restored = restored_for(networks, image, region, realism);
  return in_whole_blocks(image, coding_of(image), seen_for(networks, image, restored));
}

void restore_jpeg_region(const JpegNetworks& networks, const jpeg::Image& image, const Rect& region, int realism,
                         uint32_t seed, Runner& runner, const View<uint8_t>& out, int max_columns,
                         int64_t band_pixels) {
  if (region.empty()) return;
  if (!gains_by_restoration(image)) return jpeg::decode_pixels(image, region, runner, out);
  const JpegCoding coding = coding_of(image);
  const auto rows = static_cast<int>(std::clamp<int64_t>(band_pixels / region.width, 1, region.height));
  for (int top = 0; top < region.height; top += rows) {
    const Rect band = {region.x, region.y + top, region.width, std::min(rows, region.height - top)};
    const DecodedPart decoded(image, coding, visible_jpeg_part(networks, image, band, realism), runner);
    const View<uint8_t> part = out.part(band.within(region));
    if (realism > 0) {
      restore_with_texture(networks, image, decoded, band, realism, seed, max_columns, part, runner);
    } else {
      restore_box(networks, image, decoded, band, max_columns, part, runner);
    }
  }
}

}  // namespace veneer
