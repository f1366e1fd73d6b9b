#include "base/modular/enc_tile.h"

#include <algorithm>

#include "base/enc_alpha.h"
#include "base/enc_bit_io.h"
#include "base/modular/enc_candidates.h"
#include "base/modular/enc_forms.h"
#include "base/modular/enc_value_map.h"
#include "base/modular/tile_layout.h"

namespace veneer::modular {
namespace {

// Values a whole step of 2 max_error + 1 apart: each of 0..most is within max_error of one.
class Grid {
 public:
  Grid(int max_error, int depth) : error_(max_error), step_(2 * max_error + 1) {
    const int most = (1 << depth) - 1;
    last_ = most / step_;
    offset_ = std::min(max_error, most - last_ * step_);  // the last value is one of the depth
  }
  uint16_t operator()(int value) const {
    return static_cast<uint16_t>(offset_ + step_ * std::clamp((value - offset_ + error_) / step_, 0, last_));
  }

 private:
  int error_, step_, last_ = 0, offset_ = 0;
};

// The samples as planes, on the grid, and colours that alpha hides like the pixel before.
template <typename T>
TilePlanes load(const View<const T>& samples, const TileSettings& settings) {
  TilePlanes tile(samples.width, samples.height, samples.channels);
  const int colours = colours_of(samples.channels);
  const Grid grid(settings.max_error, settings.depth);
  for (int y = 0; y < samples.height; ++y) {
    for (int c = 0; c < samples.channels; ++c) {
      uint16_t* const row = tile.plane(c) + static_cast<size_t>(y) * samples.width;
      const T* const from = samples.row(y) + c;
      if (settings.max_error > 0 && c < colours) {
        for (int x = 0; x < samples.width; ++x) row[x] = grid(from[x * samples.channels]);
      } else {
        for (int x = 0; x < samples.width; ++x) row[x] = from[x * samples.channels];
      }
    }
  }
  return tile;
}

void fill_hidden(TilePlanes* tile) {
  const int colours = colours_of(tile->channels());
  const size_t width = static_cast<size_t>(tile->width()), count = width * tile->height();
  const uint16_t* const alpha = tile->plane(colours);
  for (int c = 0; c < colours; ++c) {
    uint16_t* const plane = tile->plane(c);
    for (size_t i = 0; i < count; ++i) {
      if (alpha[i] == 0) plane[i] = i % width ? plane[i - 1] : i ? plane[i - width] : 0;
    }
  }
}

void append_part(const Vector<uint8_t>& part, Vector<uint8_t>* bytes) {
  size_t length = part.size();
  for (; length > 127; length >>= 7) bytes->push_back(static_cast<uint8_t>(length | 128));
  bytes->push_back(static_cast<uint8_t>(length));
  bytes->insert(bytes->end(), part.begin(), part.end());
}

Vector<uint8_t> copied(const std::vector<uint8_t>& bytes) { return {bytes.begin(), bytes.end()}; }

// Alpha by itself. Of more than 8 bits it is a grey plane.
Vector<uint8_t> encode_alpha_plane(int most, const TilePlanes& tile, const uint16_t* plane, int effort) {
  if (most > kMostOfAlphaCoder) {
    Planes grey;
    grey.width = tile.width();
    grey.height = tile.height();
    grey.stride = tile.width();
    grey.count = grey.colours = 1;
    grey.most[0] = most;
    grey.plane[0] = const_cast<uint16_t*>(plane);
    return encode_form(Form::kPhoto, grey, effort);
  }
  Vector<uint8_t> coded(static_cast<size_t>(tile.width()) * tile.height());
  for (size_t i = 0; i < coded.size(); ++i) {
    coded[i] = static_cast<uint8_t>(plane[i] == most ? kMostOfAlphaCoder : plane[i]);
  }
  return copied(encode_alpha(coded.data(), 1, tile.width(), tile.width(), tile.height()));
}

// The maps of the planes of a tile.
struct Maps {
  ValueMap of[kMaxPlanes];

  // Whether a plane that is coded has other numbers than values.
  bool change_numbers(int channels, int depth) const {
    return std::any_of(of, of + channels, [&](const ValueMap& m) { return m.kind != MapKind::kAll && m.coded(depth); });
  }
};

Maps choose_maps(const TilePlanes& tile, int depth) {
  const size_t count = static_cast<size_t>(tile.width()) * tile.height();
  const int colours = colours_of(tile.channels());
  Maps maps;
  for (int c = 0; c < tile.channels(); ++c) {
    const uint16_t* const plane = tile.plane(c);
    if (c > 0 && c < colours && std::equal(plane, plane + count, tile.plane(0))) {
      maps.of[c].kind = MapKind::kSame;
    } else {
      maps.of[c] = choose_map(plane, count, depth);
    }
  }
  return maps;
}

// Bytes that the stored form takes at least: those of its samples without the maps.
size_t least_stored(const TilePlanes& tile, const Maps& maps, int depth) {
  size_t bits = 0;
  for (int c = 0; c < tile.channels(); ++c) {
    if (maps.of[c].coded(depth)) bits += static_cast<size_t>(bits_of(maps.of[c].most(depth)));
  }
  return 1 + static_cast<size_t>(tile.width()) * tile.height() * bits / 8;
}

// One form of a tile, of which it takes a copy.
Vector<uint8_t> encode_as(const Candidate& candidate, TilePlanes tile, Maps maps, const TileSettings& settings) {
  const int channels = tile.channels(), colours = colours_of(channels), depth = settings.depth;
  const size_t count = static_cast<size_t>(tile.width()) * tile.height();
  bool mapped = false;
  for (int c = 0; c < channels; ++c) {
    if (!candidate.with_maps && maps.of[c].coded(depth)) maps.of[c] = ValueMap();
    mapped |= maps.of[c].kind != MapKind::kAll;
    apply_map(maps.of[c], depth, tile.plane(c), count);
  }
  Vector<uint8_t> bytes{static_cast<uint8_t>(static_cast<int>(candidate.form) | (mapped ? kMapsFlag : 0))};
  if (mapped) {
    BitWriter io;
    code_maps(io, maps.of, channels, colours, depth);
    append_part(copied(io.finish()), &bytes);
  }
  if (alpha_in(channels) && maps.of[colours].coded(depth) && !codes_alpha(candidate.form)) {
    append_part(encode_alpha_plane(maps.of[colours].most(depth), tile, tile.plane(colours), settings.effort), &bytes);
  }
  const Planes planes = coded_planes(candidate.form, maps.of, depth, &tile);
  if (planes.count > 0) {
    const Vector<uint8_t> coded = encode_form(candidate.form, planes, settings.effort);
    bytes.insert(bytes.end(), coded.begin(), coded.end());
  }
  return bytes;
}

// The smallest of what is worth trying, and of the numbers as they are.
Vector<uint8_t> encode_planes(const TilePlanes& tile, const TileSettings& settings) {
  const Maps maps = choose_maps(tile, settings.depth);
  if (settings.form != kAnyForm) return encode_as({static_cast<Form>(settings.form), true}, tile, maps, settings);
  const bool maps_matter = maps.change_numbers(tile.channels(), settings.depth);
  const int channels = tile.channels();
  const bool deep_alpha =
      alpha_in(channels) && maps.of[channels - 1].most(settings.depth) > kMostOfAlphaCoder;  // coded as a grey plane
  Vector<uint8_t> best;
  Form form = Form::kStored;
  for (const Candidate& candidate : candidates_for(tile, settings.effort)) {
    if (!candidate.with_maps && !maps_matter) continue;
    if (deep_alpha && !codes_alpha(candidate.form) && !can_encode(Form::kPhoto, tile.width())) continue;
    Vector<uint8_t> bytes = encode_as(candidate, tile, maps, settings);
    if (best.empty() || is_preferred(candidate.form, bytes.size(), form, best.size(), settings.effort)) {
      best = std::move(bytes), form = candidate.form;
    }
  }
  if (best.empty() || best.size() > least_stored(tile, maps, settings.depth)) {
    Vector<uint8_t> bytes = encode_as({Form::kStored, true}, tile, maps, settings);
    if (best.empty() || bytes.size() < best.size()) best = std::move(bytes);
  }
  return best;
}

template <typename T>
Vector<uint8_t> encode(const View<const T>& samples, const TileSettings& settings) {
  TilePlanes tile = load(samples, settings);
  if (alpha_in(samples.channels) && !settings.exact) fill_hidden(&tile);
  return encode_planes(tile, settings);
}

}  // namespace

Vector<uint8_t> encode_tile(const View<const uint8_t>& samples, const TileSettings& settings) {
  return encode(samples, settings);
}
Vector<uint8_t> encode_tile(const View<const uint16_t>& samples, const TileSettings& settings) {
  return encode(samples, settings);
}

}  // namespace veneer::modular
