#include "base/jpeg/enc_levels.h"

#include "base/enc_bit_io.h"
#include "base/jpeg/level_plane.h"

namespace veneer::jpeg {
namespace {

struct LevelWriter {
  static constexpr bool kReads = false;
  BitWriter writer;

  int bit_at(uint32_t p1, int value) { return writer.bit_at(p1, value); }
  bool end_row() const { return true; }
};

template <bool kMixes>
void encode(const Image& image, const Rect& mcus, Vector<uint8_t>* out) {
  const auto models = make_owned<LevelModels>(kMixes);
  LevelWriter io;
  TileCoder<const Image, LevelWriter, kMixes> coder(image, mcus, io, *models);
  coder.code();
  io.writer.raw(1, 1);
  const std::vector<uint8_t> bytes = io.writer.finish();
  out->insert(out->end(), bytes.begin(), bytes.end());
}

}  // namespace

Vector<uint8_t> encode_levels(const Image& image, const Rect& mcus, int form) {
  Vector<uint8_t> out(1, static_cast<uint8_t>(form));
  if (form == kFullForm) {
    encode<true>(image, mcus, &out);
  } else {
    encode<false>(image, mcus, &out);
  }
  return out;
}

}  // namespace veneer::jpeg
