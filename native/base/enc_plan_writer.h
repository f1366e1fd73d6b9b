// Encoder only: the writer that TreeWalker is given: it codes the plan of a superblock.
#pragma once
#include "enc_search.h"
#include "tile.h"

namespace veneer {

// From this step on, the places that the search of a fine tile does not see are no more than some hundredths of what
// quantization takes away: levels are then those that the search found.
constexpr int kFirstCoarseStep = 96;

template <class Io>
class PlanWriter {
 public:
  PlanWriter(Io& io, Tile& tile, SuperblockSearch& search) : io_(io), tile_(tile), search_(search) {}

  void start(const Plan& plan) {
    split_ = plan.splits.data();
    leaf_ = plan.leaves.data();
    levels_ = plan.levels.data();
  }
  Split next_split() { return *split_++; }
  int step_offset(int x, int y, int size) { return search_.group_offset(x, y, size); }
  void screen(const Leaf&) {}

  void leaf(Leaf& leaf) {
    leaf = *leaf_++;
    const int16_t* first[2] = {levels_, levels_ + leaf.count[0]};
    for (int p = 0; p < leaf.planes(); ++p) levels_ += leaf.count[p];
    if (tile_.dependent || (tile_.range.fine() && tile_.params.step_index < kFirstCoarseStep)) {
      search_.refine(leaf, blocks_);
      for (int p = 0; p < leaf.planes(); ++p) first[p] = blocks_[p].level;
    } else if (tile_.range.fine()) {
      search_.reconstruct_fine(leaf, first);
    }
    code_leaf(io_, tile_, *tile_.models, leaf, [&](int p, int i) { return first[p][i]; }, [](int, int, int) {});
  }

 private:
  Io& io_;
  Tile& tile_;
  SuperblockSearch& search_;
  QuantizedBlock blocks_[2];
  const Split* split_ = nullptr;
  const Leaf* leaf_ = nullptr;
  const int16_t* levels_ = nullptr;
};

}  // namespace veneer
