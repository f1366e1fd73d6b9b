#include "base/jpeg/levels.h"

#include "base/bit_io.h"
#include "base/jpeg/level_plane.h"

namespace veneer::jpeg {
namespace {

struct LevelReader {
  static constexpr bool kReads = true;
  BitReader reader;

  int bit_at(uint32_t p1, int value) { return reader.bit_at(p1, value); }
  bool end_row() const { return reader.valid(); }
};

template <bool kMixes>
bool decode(Bytes data, const Rect& mcus, Image* image) {
  const auto models = make_owned<LevelModels>(kMixes);
  LevelReader io{BitReader(data.data, data.size)};
  TileCoder<Image, LevelReader, kMixes> coder(*image, mcus, io, *models);
  return coder.code() && io.reader.raw(1, 0) == 1 && io.reader.valid();
}

}  // namespace

bool is_level_tile(const Image& image, const Rect& mcus) {
  if (image.count < 1 || image.count > kMaxComponents) return false;
  if (mcus.x < 0 || mcus.width < 1 || mcus.x > image.mcu_columns - mcus.width) return false;
  if (mcus.y < 0 || mcus.height < 1 || mcus.y > image.mcu_rows - mcus.height) return false;
  for (int i = 0; i < image.count; ++i) {
    const Component& c = image.component[i];
    const auto blocks = static_cast<size_t>(c.blocks_w) * static_cast<size_t>(c.blocks_h);
    if (c.table < 0 || c.table > 3 || c.levels.size() != blocks * kBlockSize) return false;
    for (const uint16_t step : image.quantization[c.table]) {
      if (step == 0) return false;
    }
  }
  return true;
}

bool decode_levels(Bytes data, const Rect& mcus, Image* image) {
  if (data.empty() || data[0] > 1 || !is_level_tile(*image, mcus)) return false;
  const Bytes coded = data.from(1);
  return data[0] == 1 ? decode<true>(coded, mcus, image) : decode<false>(coded, mcus, image);
}

}  // namespace veneer::jpeg
