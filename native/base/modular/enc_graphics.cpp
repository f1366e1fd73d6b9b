#include "base/modular/enc_graphics.h"

#include "base/enc_bit_io.h"
#include "base/modular/graphics_syntax.h"

namespace veneer::modular {
namespace {

using namespace graphics;

Vector<Colour> load(const Planes& planes, const Channels& channels) {
  Vector<Colour> picture(static_cast<size_t>(planes.width) * planes.height, 0);
  for (int y = 0; y < planes.height; ++y) {
    Colour* const row = picture.data() + static_cast<size_t>(planes.width) * y;
    for (int c = 0; c < channels.count; ++c) {
      const uint16_t* const from = planes.row(channels.plane[c], y);
      for (int x = 0; x < planes.width; ++x) row[x] |= static_cast<Colour>(from[x]) << shift_of(c);
    }
  }
  return picture;
}

// All colours of a picture, in order; empty where there are more than `most`.
Vector<Colour> list_of(const Vector<Colour>& picture, size_t most) {
  Vector<Colour> list;
  for (size_t i = 0; i < picture.size(); ++i) {
    if (i > 0 && picture[i] == picture[i - 1]) continue;
    const auto at = std::lower_bound(list.begin(), list.end(), picture[i]);
    if (at != list.end() && *at == picture[i]) continue;
    if (list.size() == most) return {};
    list.insert(at, picture[i]);
  }
  return list;
}

Vector<uint8_t> encode_with(const Planes& planes, const Vector<Colour>& picture, Vector<Colour> list,
                            Settings settings) {
  BitWriter io;
  const Channels channels(planes);
  bool listed = !list.empty();
  code_start(io, channels, &settings, &listed, &list);
  Colours colours = first_colours(listed, std::move(list), planes);
  if (!colours.listed() || colours.size() > 1) {
    TileCoder<BitWriter> tile(io, planes, channels, settings, &colours);
    for (int y = 0; y < planes.height; ++y) tile.row(y, picture.data() + static_cast<size_t>(planes.width) * y);
    io.raw(1, 1);  // however many decisions of 0 came last, a payload does not end in words of 0
  }
  const std::vector<uint8_t> bytes = io.finish();
  return {bytes.begin(), bytes.end()};
}

}  // namespace

Vector<uint8_t> encode_graphics(const Planes& planes, int effort) {
  constexpr size_t kMostListed = 256;
  const Vector<Colour> picture = load(planes, Channels(planes));
  const Vector<Colour> list = list_of(picture, kMostListed);
  Vector<uint8_t> best = encode_with(planes, picture, list, Settings{6});
  if (effort >= 8) {
    Vector<uint8_t> other = encode_with(planes, picture, list, Settings{3});
    if (other.size() < best.size()) best = std::move(other);
    if (!list.empty()) {
      other = encode_with(planes, picture, {}, Settings{6});
      if (other.size() < best.size()) best = std::move(other);
    }
  }
  return best;
}

}  // namespace veneer::modular
