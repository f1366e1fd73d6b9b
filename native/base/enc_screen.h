// Encoder only: which parts of a tile are coded as screen content, and with which colours.
#pragma once
#include <cstddef>
#include <cstdint>
#include <memory>

#include "enc_plan_writer.h"
#include "enc_recorder.h"
#include "enc_search.h"
#include "tile.h"

namespace veneer {

// Whether parts of a picture, [h][w][channels], look drawn rather than photographed. Looks at a quarter of the rows.
bool looks_like_screen(const uint8_t* pixels, ptrdiff_t row_bytes, int channels, int w, int h);

struct ScreenSettings {
  int distortion_weight = 0;  // as in RdoSettings
  int step_offset = 0;        // as in SearchSettings
};

// Codes superblocks of a tile whose tools include screen content, in turn.
class ScreenEncoder {
 public:
  ScreenEncoder(Tile& tile, const Tile& source, SuperblockSearch& search, BitWriter& io,
                const ScreenSettings& settings);
  ~ScreenEncoder();

  void superblock(int x, int y);

 private:
  class Trials;
  std::unique_ptr<Trials> trials_;
};

}  // namespace veneer
