#include "enc_tile.h"

#include <algorithm>

namespace veneer {
namespace {

// What TreeWalker asks of a writer: the plan of a superblock, played back.
class PlanWriter {
 public:
  PlanWriter(BitWriter& io, Tile& tile, const SuperblockSearch& search) : io_(io), tile_(tile), search_(search) {}

  void start(const Plan& plan) {
    split_ = plan.splits.data();
    leaf_ = plan.leaves.data();
    levels_ = plan.levels.data();
  }
  Split next_split() { return *split_++; }
  int step_offset(int x, int y, int size) { return search_.group_offset(x, y, size); }

  void leaf(Leaf& leaf) {
    leaf = *leaf_++;
    const int16_t* first[2] = {levels_, levels_ + leaf.count[0]};
    for (int p = 0; p < leaf.planes(); ++p) levels_ += leaf.count[p];
    code_leaf(
        io_, tile_, *tile_.models, leaf, [&](int p, int i) { return first[p][i]; }, [](int, int, int) {});
  }

 private:
  BitWriter& io_;
  Tile& tile_;
  const SuperblockSearch& search_;
  const Split* split_ = nullptr;
  const Leaf* leaf_ = nullptr;
  const int16_t* levels_ = nullptr;
};

}  // namespace

BaseParams choose_params(int step_index, const EncoderSettings&) {
  BaseParams params;
  params.step_index = static_cast<uint8_t>(std::clamp(step_index, 0, kMaxStepIndex));
  // Co weighs 2/3 of Y and Cg in the error of R, G and B: 16 log2(sqrt(3/2)) = 4.7.
  params.plane_offset[0] = 5;
  params.plane_offset[1] = 0;
  return params;
}

std::vector<uint8_t> encode_tile(const Tile& source, const EncoderSettings& settings) {
  Tile tile(source.width, source.height, source.colour, source.params);
  SearchSettings search_setup = search_settings(settings.effort);
  search_setup.rdo.distortion_weight = distortion_weight(settings.lambda_milli);
  const std::vector<int8_t> offsets;
  SuperblockSearch search(tile, source, search_setup, offsets, 0);
  BitWriter io(reinterpret_cast<const BitModel*>(tile.models.get()), settings.counts);
  PlanWriter writer(io, tile, search);
  TreeWalker<BitWriter, PlanWriter> walker(io, tile, writer);
  Plan plan;
  for (int y = 0; y < tile.height; y += kSuperblock) {
    tile.start_superblock_row();
    for (int x = 0; x < tile.width; x += kSuperblock) {
      search.run(x, y, &plan);
      writer.start(plan);
      walker.superblock(x, y);
    }
  }
  return io.finish();
}

}  // namespace veneer
