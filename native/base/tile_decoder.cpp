#include "tile_decoder.h"

#include <cstring>

#include "tree.h"

namespace veneer {
namespace {

// What TreeWalker asks of a reader.
class LeafReader {
 public:
  LeafReader(BitReader& io, Tile& tile) : io_(io), tile_(tile) {}

  Split next_split() { return kLeaf; }
  int step_offset(int, int, int) { return 0; }

  void leaf(Leaf& leaf) {
    const BlockShape& shape = leaf.shape();
    const int matrix = tile_.params.matrix;
    const HalfSteps steps[2] = {{tile_.leaf_step_position(leaf, 0), matrix},
                                {leaf.planes() == 2 ? tile_.leaf_step_position(leaf, 1) : 0, matrix}};
    code_leaf(
        io_, tile_, *tile_.models, leaf, [](int, int) { return 0; },
        [&](int p, int i, int value) {
          coef_[p][shape.scan[i]] = dequantize(value, steps[p].scale[shape.frequency[i]]);
        });
    for (int p = 0; p < leaf.planes(); ++p) {
      tile_.reconstruct(leaf, p, coef_[p]);
      if (leaf.count[p] > 0) {
        std::memset(coef_[p], 0, sizeof(int16_t) * shape.fw * (shape.last_v[leaf.count[p] - 1] + 1));
      }
    }
  }

 private:
  BitReader& io_;
  Tile& tile_;
  alignas(64) int16_t coef_[2][kMaxFrequencies * kMaxFrequencies] = {};
};

}  // namespace

bool decode_tile(const uint8_t* data, size_t size, int rows, Tile* tile) {
  BitReader io(data, size);
  LeafReader reader(io, *tile);
  TreeWalker<BitReader, LeafReader> walker(io, *tile, reader);
  for (int y = 0; y < rows; y += kSuperblock) {
    tile->start_superblock_row();
    for (int x = 0; x < tile->width; x += kSuperblock) walker.superblock(x, y);
    if (!io.valid()) return false;
  }
  return true;
}

}  // namespace veneer
