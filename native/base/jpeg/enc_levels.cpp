#include "base/jpeg/enc_levels.h"

#include "base/jpeg/enc_level_kernels.h"

namespace veneer::jpeg {

Vector<uint8_t> encode_levels(const Image& image, const Rect& mcus, int form) {
  Vector<uint8_t> out(1, static_cast<uint8_t>(form));
  const bool mixes = form == kFullForm;
  const auto memory = make_owned<TileMemory>(image, mcus, mixes);
  RangeEncoder coder;
  level_writers().write(mixes, &coder, memory->tile);
  coder.raw(1, 1);
  const std::vector<uint8_t> bytes = words_to_bytes(coder.finish());
  out.insert(out.end(), bytes.begin(), bytes.end());
  return out;
}

}  // namespace veneer::jpeg
