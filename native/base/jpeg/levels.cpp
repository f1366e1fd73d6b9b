#include "base/jpeg/levels.h"

#include "base/jpeg/level_kernels.h"

namespace veneer::jpeg {
namespace {

bool decode(Bytes data, bool mixes, const Rect& mcus, Image* image) {
  const auto memory = make_owned<TileMemory>(*image, mcus, mixes);
  LevelTile& tile = memory->tile;
  for (int k = 0; k < tile.count; ++k) tile.plane[k].decoded = const_cast<int16_t*>(tile.plane[k].levels);
  RangeDecoder coder(data.data, data.size);
  return level_kernels().read(mixes, &coder, tile) && coder.raw(1) == 1 && coder.valid();
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
  return decode(data.from(1), data[0] == 1, mcus, image);
}

}  // namespace veneer::jpeg
