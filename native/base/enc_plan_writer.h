// Encoder only: the writer that TreeWalker is given: it codes the plan of a superblock.
#pragma once
#include "enc_search.h"
#include "tile.h"

namespace veneer {

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
    if (tile_.dependent) {
      search_.refine(leaf, blocks_);
      for (int p = 0; p < leaf.planes(); ++p) first[p] = blocks_[p].level;
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
