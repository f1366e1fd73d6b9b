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

// A picture and what the form may be told of it.
class Encoder {
 public:
  explicit Encoder(const Planes& planes)
      : planes_(planes), channels_(planes), picture_(load(planes, channels_)), list_(list_of(picture_, kMaxListed)) {}

  size_t colours() const { return list_.empty() ? kMaxListed + size_t{1} : list_.size(); }

  Vector<uint8_t> whole(bool listed, int candidates) const { return encode(listed, candidates, 0, planes_.height); }

  // The number of candidates that suits some rows in the middle best.
  int best_candidates(bool listed) const {
    const int rows = std::min(planes_.height, std::max(64, planes_.height / 8));
    const int first = (planes_.height - rows) / 2;
    int best = kFewCandidates;
    size_t least = encode(listed, best, first, rows).size();
    for (int candidates : {kFewCandidates / 2, kFewCandidates * 2}) {
      const size_t size = encode(listed, candidates, first, rows).size();
      if (size < least) {
        least = size;
        best = candidates;
      }
    }
    return best;
  }

  static constexpr int kFewCandidates = 4;

 private:
  Vector<uint8_t> encode(bool listed, int candidates, int first, int rows) const {
    BitWriter io;
    Planes part = planes_;
    part.height = rows;
    Settings settings{candidates};
    Vector<Colour> list;
    if (listed) list = list_;
    code_start(io, channels_, &settings, &listed, &list);
    Colours colours = first_colours(listed, std::move(list), part);
    if (!colours.listed() || colours.size() > 1) {
      TileCoder<BitWriter> tile(io, part, channels_, settings, &colours);
      for (int y = 0; y < rows; ++y) tile.row(y, picture_.data() + static_cast<size_t>(planes_.width) * (first + y));
      io.raw(1, 1);  // however many decisions of 0 came last, a payload does not end in words of 0
    }
    const std::vector<uint8_t> bytes = io.finish();
    return {bytes.begin(), bytes.end()};
  }

  const Planes& planes_;
  const Channels channels_;
  const Vector<Colour> picture_, list_;
};

}  // namespace

Vector<uint8_t> encode_graphics(const Planes& planes, int effort) {
  constexpr size_t kFewColours = 256;  // a list pays; of more colours, only sometimes
  const Encoder encoder(planes);
  const bool listed = encoder.colours() <= kFewColours;
  const auto candidates = [&](bool with_list) {
    return effort < 4 ? Encoder::kFewCandidates : encoder.best_candidates(with_list);
  };
  Vector<uint8_t> best = encoder.whole(listed, candidates(listed));
  if (effort >= 7 && !listed && encoder.colours() <= kMaxListed) {
    Vector<uint8_t> other = encoder.whole(true, candidates(true));
    if (other.size() < best.size()) best = std::move(other);
  }
  return best;
}

}  // namespace veneer::modular
