// Encoder only: which partitions low efforts do not try.
#pragma once
#include <cstdint>

namespace veneer {

// Limits by tree (luma, chroma) and log2 of the node's side, in 1/256 bits a sample; see pruning_of().
struct Pruning {
  int stop[2][7] = {};  // a leaf that costs less is not divided
  int skip[2][7] = {};  // a node whose activity is more is divided without a trial of the leaf; 0: never

  bool stops(int tree, int log2_size, int64_t leaf_cost) const {
    return leaf_cost < int64_t{stop[tree][log2_size]} << 2 * log2_size;
  }
  bool may_skip(int tree, int log2_size) const { return skip[tree][log2_size] != 0; }
  bool skips(int tree, int log2_size, int64_t activity) const {
    return activity > int64_t{skip[tree][log2_size]} << 2 * log2_size;
  }
};

Pruning pruning_of(int effort);

}  // namespace veneer
