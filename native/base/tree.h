// Walks the partition trees of a superblock, the same way for reading and writing.
//
// `Source` says what a writer chose and does what a leaf needs:
//     Split next_split();                              the division of the next node (ignored when reading)
//     int step_offset(int x, int y, int size);         the offset of the next step group (ignored when reading)
//     void leaf(Leaf& leaf);                           codes a leaf with code_leaf() and reconstructs it
//     void screen(const Leaf& leaf);                   records a node that is screen content, as an empty leaf
// Source: docs/format.md, "Partition trees".
#pragma once
#include "tile.h"

namespace veneer {

template <class Io, class Source>
class TreeWalker {
 public:
  TreeWalker(Io& io, Tile& tile, Source& source) : io_(io), tile_(tile), source_(source) {}

  void superblock(int x, int y) {
    node(kLumaTree, x, y, 6);
    if (tile_.colour) node(kChromaTree, x, y, 6);
  }

 private:
  void node(Tree tree, int x, int y, int log2_size) {
    if (x >= tile_.width || y >= tile_.height) return;
    const int size = 1 << log2_size, half = size / 2;
    const bool crosses = x + size > tile_.width || y + size > tile_.height;
    const ScreenMap::State screen = tile_.screen.state(x, y, log2_size);
    if (screen == ScreenMap::kAll && !crosses) return source_.screen(tile_.remember_screen(tree, x, y, log2_size));
    const bool group_here = tree == kLumaTree && tile_.params.step_group_log2 == log2_size;
    if (group_here) step_group(x, y, size);
    Split split = kLeaf;
    if (crosses || screen == ScreenMap::kSome) {
      split = kQuad;  // a node across the tile's end, or in part screen content, is divided without a symbol
    } else if (log2_size > 2) {
      split = code_split(io_, *tile_.models, tree, tile_.node_context(tree, x, y, log2_size), log2_size,
                         source_.next_split());
    }
    if (split != kQuad && tree == kLumaTree && tile_.params.step_group_log2 != 0 &&
        tile_.params.step_group_log2 < log2_size) {
      step_group(x, y, size);
    }
    switch (split) {
      case kLeaf:
        return leaf(tree, x, y, log2_size, log2_size);
      case kHorizontalSplit:
        leaf(tree, x, y, log2_size, log2_size - 1);
        return leaf(tree, x, y + half, log2_size, log2_size - 1);
      case kVerticalSplit:
        leaf(tree, x, y, log2_size - 1, log2_size);
        return leaf(tree, x + half, y, log2_size - 1, log2_size);
      case kQuad:
        node(tree, x, y, log2_size - 1);
        node(tree, x + half, y, log2_size - 1);
        node(tree, x, y + half, log2_size - 1);
        return node(tree, x + half, y + half, log2_size - 1);
    }
  }

  void leaf(Tree tree, int x, int y, int log2_w, int log2_h) {
    Leaf leaf{};
    leaf.x = static_cast<uint16_t>(x);
    leaf.y = static_cast<uint16_t>(y);
    leaf.log2_w = static_cast<uint8_t>(log2_w);
    leaf.log2_h = static_cast<uint8_t>(log2_h);
    leaf.tree = tree;
    source_.leaf(leaf);
  }

  void step_group(int x, int y, int size) {
    const int delta = code_step_offset(io_, *tile_.models, source_.step_offset(x, y, size) - tile_.previous_offset);
    tile_.previous_offset = std::clamp(tile_.previous_offset + delta, -kMaxStepOffset, kMaxStepOffset);
    tile_.set_step_offset(x, y, size, tile_.previous_offset);
  }

  Io& io_;
  Tile& tile_;
  Source& source_;
};

}  // namespace veneer
