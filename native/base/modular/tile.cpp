#include "base/modular/tile.h"

#include <algorithm>

#include "base/alpha.h"
#include "base/bit_io.h"
#include "base/modular/tile_layout.h"

namespace veneer::modular {
namespace {

// Takes parts with their length in front from the beginning of the data.
class Parts {
 public:
  explicit Parts(Bytes data) : rest_(data) {}

  // A length of up to 5 bytes, 7 bits in each, the lower ones first; the upper bit says that another follows.
  bool take(Bytes* part) {
    uint64_t length = 0;
    for (int shift = 0;; shift += 7) {
      if (rest_.empty() || shift > 28) return false;
      const uint8_t byte = rest_[0];
      rest_ = rest_.from(1);
      length |= static_cast<uint64_t>(byte & 127) << shift;
      if (byte < 128) break;
    }
    if (length > rest_.size) return false;
    *part = rest_.part(0, static_cast<size_t>(length));
    rest_ = rest_.from(static_cast<size_t>(length));
    return true;
  }
  Bytes rest() const { return rest_; }

 private:
  Bytes rest_;
};

// Alpha by itself: by the coder of alpha planes, where 255 stands for the largest value, or as a grey plane.
bool decode_alpha_plane(Bytes data, int most, const TilePlanes& tile, uint16_t* plane) {
  if (most > kMostOfAlphaCoder) {
    Planes grey;
    grey.width = tile.width();
    grey.height = tile.height();
    grey.stride = tile.width();
    grey.count = grey.colours = 1;
    grey.most[0] = most;
    grey.plane[0] = plane;
    return decode_form(Form::kPhoto, data, grey);
  }
  const size_t samples = static_cast<size_t>(tile.width()) * tile.height();
  Vector<uint8_t> coded(samples);
  if (!decode_alpha(data.data, data.size, tile.width(), tile.height(), coded.data(), 1, tile.width())) return false;
  bool within = true;
  for (size_t i = 0; i < samples; ++i) {
    const int value = coded[i];
    within &= value < most || value == kMostOfAlphaCoder;
    plane[i] = static_cast<uint16_t>(std::min(value, most));
  }
  return within;
}

void fill(uint16_t* plane, size_t samples, int value) { std::fill_n(plane, samples, static_cast<uint16_t>(value)); }

// Numbers of values to the values themselves.
void restore_values(const ValueMap& map, int most, uint16_t* plane, size_t samples) {
  if (map.kind == MapKind::kGrid) {
    for (size_t i = 0; i < samples; ++i) {
      plane[i] = static_cast<uint16_t>(map.offset + map.step * std::min<int>(plane[i], most));
    }
  } else if (map.kind == MapKind::kTable) {
    for (size_t i = 0; i < samples; ++i) plane[i] = map.table[static_cast<size_t>(std::min<int>(plane[i], most))];
  }
}

bool decode_planes(Bytes data, int depth, TilePlanes* tile, ValueMap* maps) {
  Parts parts(data);
  const Bytes first = data.part(0, std::min<size_t>(data.size, 1));
  if (first.empty() || (first[0] & ~kKnownFlags)) return false;
  parts = Parts(data.from(1));
  const Form form = static_cast<Form>(first[0] & kFormMask);
  const int channels = tile->channels(), colours = colours_of(channels);
  if (first[0] & kMapsFlag) {
    Bytes coded;
    if (!parts.take(&coded)) return false;
    BitReader io(coded.data, coded.size);
    if (!code_maps(io, maps, channels, colours, depth) || !io.valid()) return false;
  }
  if (alpha_in(channels) && maps[colours].coded(depth) && !codes_alpha(form)) {
    Bytes alpha;
    if (!parts.take(&alpha)) return false;
    if (!decode_alpha_plane(alpha, maps[colours].most(depth), *tile, tile->plane(colours))) return false;
  }
  const Planes planes = coded_planes(form, maps, depth, tile);
  return planes.count == 0 ? parts.rest().empty() : decode_form(form, parts.rest(), planes);
}

}  // namespace

bool decode_tile(Bytes data, int depth, TilePlanes* tile) {
  ValueMap maps[kMaxPlanes];
  const size_t samples = static_cast<size_t>(tile->width()) * tile->height();
  if (!decode_planes(data, depth, tile, maps)) return false;
  for (int c = 0; c < tile->channels(); ++c) {
    uint16_t* const plane = tile->plane(c);
    if (maps[c].kind == MapKind::kSame) {
      std::copy_n(tile->plane(0), samples, plane);
    } else if (!maps[c].coded(depth)) {
      fill(plane, samples, maps[c].kind == MapKind::kGrid ? maps[c].offset : maps[c].table[0]);
    } else {
      restore_values(maps[c], maps[c].most(depth), plane, samples);
    }
  }
  return true;
}

}  // namespace veneer::modular
