// A tile: samples, neighbourhood and adaptive state while it is coded, and the syntax of its trees.
//
// A tile is independent of the others. Superblocks of 64x64 follow in raster order, each a luma tree and, in colour
// pictures, a chroma tree whose leaves carry Co and Cg together. The functions here serve both directions: `Io` is
// a BitReader or a BitWriter (enc_bit_io.h).
// Source: docs/format.md, "Tiles and superblocks".
#pragma once
#include <cstdint>

#include "base_params.h"
#include "bit_io.h"
#include "coefficients.h"
#include "common/memory.h"
#include "contexts.h"
#include "prediction.h"
#include "quantization.h"
#include "screen_map.h"
#include "unit.h"

namespace veneer {

constexpr int kSuperblock = 64;  // samples per side
constexpr int kSuperblockUnits = kSuperblock / kUnit;
constexpr int kMaxStepOffset = 31;  // of a step group, in eighths of an octave

enum Tree : uint8_t { kLumaTree = 0, kChromaTree = 1 };

// One 4-sample unit of the edge between decoded and undecoded blocks.
struct EdgeUnit {
  uint8_t log2_side;  // of its block, along the edge
  uint8_t mode;       // kModeNone for chroma from luma
  uint8_t empty;      // bit p: plane p of the tree has no coefficients
  uint8_t cfl;
  UnitCells cells[2];
};

// Values of Leaf::cfl.
constexpr uint8_t kChromaFactors = 1;  // slopes are sent
constexpr uint8_t kChromaDerived = 2;  // slopes come from the rim of the block

struct Leaf {
  uint16_t x, y;  // samples, within the tile
  uint8_t log2_w, log2_h;
  uint8_t tree;
  uint8_t mode;
  uint8_t cfl;          // chroma from luma: kChromaDerived or kChromaFactors, else 0
  uint8_t alternative;  // transforms: below alternatives_of() its shape
  int8_t alpha[2];
  int16_t count[2];  // coefficients per plane up to the last

  int planes() const { return tree == kLumaTree ? 1 : 2; }
  const BlockShape& shape() const { return block_shape(log2_w, log2_h); }
};

struct Tile {
  // width and height in samples (any size from 1); colour: three planes instead of one.
  Tile(int width, int height, bool colour, const BaseParams& params);

  int width, height;  // multiples of kUnit
  int stride;
  int units_w, units_h;
  bool colour;
  BaseParams params;
  SampleRange range;  // of the samples
  bool dependent;     // quantization
  Owned<Models> models;
  Vector<int16_t> samples[3];
  Vector<EdgeUnit> top[2];                                // [tree][unit of the tile's width]
  EdgeUnit left[2][kSuperblockUnits];                     // of the current superblock row
  Vector<uint8_t> decoded[2];                             // [tree][unit]
  uint8_t luma_mode[kSuperblockUnits][kSuperblockUnits];  // of the current superblock
  uint8_t luma_log2_area[kSuperblockUnits][kSuperblockUnits];
  int8_t step_offset[kSuperblockUnits][kSuperblockUnits];
  int previous_offset = 0;
  ScreenMap screen;  // of the current superblock

  int16_t* at(int plane, int x, int y) { return samples[plane].data() + static_cast<ptrdiff_t>(y) * stride + x; }
  const int16_t* at(int plane, int x, int y) const {
    return samples[plane].data() + static_cast<ptrdiff_t>(y) * stride + x;
  }
  const EdgeUnit* above(int tree, int x, int y) const { return y > 0 ? &top[tree][x / kUnit] : nullptr; }
  const EdgeUnit* before(int tree, int x, int y) const {
    return x > 0 ? &left[tree][y / kUnit % kSuperblockUnits] : nullptr;
  }

  void start_superblock_row();
  void gather_edges(int plane, int x, int y, int w, int h, Edges* edges) const;
  void expect(int tree, int plane_of_tree, int x, int y, const BlockShape& shape, Expectation* out) const;
  int empty_context(const Leaf& leaf, int plane_of_tree) const;
  // Records a coded leaf for the contexts of later ones.
  void remember(const Leaf& leaf, const UnitCells* cells);
  // The same for a node that is screen content throughout: there is no leaf, which contexts take as an empty one.
  Leaf remember_screen(Tree tree, int x, int y, int log2_size);
  void mark_decoded(int tree, int x, int y, int w, int h, uint8_t value);
  void set_step_offset(int x, int y, int size, int value);
  int leaf_step_index(const Leaf& leaf, int plane_of_tree) const;
  int leaf_step_position(const Leaf& leaf, int plane_of_tree) const;
  int node_context(int tree, int x, int y, int log2_size) const;
  void gather_leaf_rim(const Leaf& leaf, Rim* rim) const;
  // That of a leaf whose chroma is derived; of others nothing is gathered.
  Rim derived_rim(const Leaf& leaf) const;
  // Prediction of one plane of a leaf into out. `rim` is that of derived_rim().
  void predict_leaf(const Leaf& leaf, int plane_of_tree, const Rim& rim, int16_t* out, ptrdiff_t out_stride) const;
  void reconstruct_plane(const Leaf& leaf, int plane_of_tree, const Rim& rim, const int16_t* coef);
  // Prediction plus the inverse transform of each plane's coefficients ([fh][fw], dequantized), clamped, into the planes.
  void reconstruct(const Leaf& leaf, const int16_t* const* coef);
};

enum Split : uint8_t { kLeaf = 0, kQuad = 1, kHorizontalSplit = 2, kVerticalSplit = 3 };

// How a node is divided. log2_size 3..6; at 6 only leaf and quad exist.
template <class Io>
Split code_split(Io& io, Models& m, int tree, int context, int log2_size, Split split) {
  BitModel* models = m.node[tree][log2_size - 3][context];
  if (io.bit(models[0], split != kLeaf) == 0) return kLeaf;
  if (log2_size == 6 || io.bit(models[1], split != kQuad) == 0) return kQuad;
  return io.bit(models[2], split != kHorizontalSplit) ? kVerticalSplit : kHorizontalSplit;
}

template <class Io>
int code_step_offset(Io& io, Models& m, int delta) {
  if (io.bit(m.step_offset[0][0], delta != 0) == 0) return 0;
  const bool negative = io.bit(m.step_offset[1][0], delta < 0);
  const int target = delta < 0 ? -delta : delta;
  int magnitude = 1;
  while (magnitude < 2 * kMaxStepOffset &&
         io.bit(m.step_offset[2][magnitude < 16 ? magnitude - 1 : 15], target > magnitude)) {
    ++magnitude;
  }
  return negative ? -magnitude : magnitude;
}

// What the models of a leaf's prediction are chosen by.
struct PredictionContext {
  int size_class;     // of chroma from luma
  int neighbour_cfl;  // how many neighbours are predicted from luma
  int large;          // more than 64 samples
  int above, before;  // modes; chroma has that of luma at its centre for the one above
};

inline PredictionContext prediction_context(const Tile& tile, const Leaf& leaf) {
  const EdgeUnit *above = tile.above(leaf.tree, leaf.x, leaf.y), *before = tile.before(leaf.tree, leaf.x, leaf.y);
  const int log2_area = leaf.log2_w + leaf.log2_h;
  PredictionContext context = {std::min(2, (log2_area - 4) / 3),
                               (above && above->cfl != 0) + (before && before->cfl != 0), log2_area > 6,
                               above ? above->mode : kModeNone, before ? before->mode : kModeNone};
  if (leaf.tree == kChromaTree) {
    const int x = (leaf.x + (1 << leaf.log2_w) / 2) / kUnit % kSuperblockUnits;
    const int y = (leaf.y + (1 << leaf.log2_h) / 2) / kUnit % kSuperblockUnits;
    context.above = tile.luma_mode[y][x];
  }
  return context;
}

// Prediction of a leaf: mode, or chroma from luma with its two factors.
template <class Io>
void code_prediction(Io& io, const Tile& tile, Models& m, Leaf& leaf) {
  const PredictionContext context = prediction_context(tile, leaf);
  if (leaf.tree == kChromaTree) {
    if (io.bit(m.cfl[context.size_class][context.neighbour_cfl], leaf.cfl != 0)) {
      leaf.mode = kModeNone;
      if (io.bit(m.derived[context.size_class][context.neighbour_cfl], leaf.cfl == kChromaDerived)) {
        leaf.cfl = kChromaDerived;
        return;
      }
      leaf.cfl = kChromaFactors;
      leaf.alpha[0] = static_cast<int8_t>(code_tree(io, m.alpha[0][0], 5, leaf.alpha[0] + 16) - 48);
      const int sign = leaf.alpha[0] == 0 ? 0 : leaf.alpha[0] < 0 ? 1 : 2;
      leaf.alpha[1] = static_cast<int8_t>(code_tree(io, m.alpha[1][sign], 5, leaf.alpha[1] + 16) - 48);
      return;
    }
    leaf.cfl = 0;
  }
  auto& models = m.mode[leaf.tree][context.large];
  const int mode = code_tree(io, models[0][mode_family(context.before)][context.above],
                             models[1][mode_family(context.above)][context.before], 5, leaf.mode) -
                   32;
  leaf.mode = static_cast<uint8_t>(std::min(mode, kModes - 1));
}

// Whether the shape of a leaf of luma has other transforms than the cosine one.
inline bool may_alternate(const Leaf& leaf) { return leaf.log2_w <= 4 && leaf.log2_h <= 4; }
inline bool has_alternative(const Leaf& leaf) {
  return leaf.tree == kLumaTree && may_alternate(leaf) && leaf.count[0] > 0;
}

// Of a shape that may_alternate(): blocks of 4x4 have cosines and the trained transform, others pairs.
inline bool has_trained(const Leaf& leaf) { return leaf.log2_w == 2 && leaf.log2_h == 2; }
inline int alternatives_of(const Leaf& leaf) { return has_trained(leaf) ? 2 : kAlternatives; }

template <class Io>
int code_alternative(Io& io, Models& m, const Leaf& leaf) {
  BitModel* models = m.transform[std::max(leaf.log2_w, leaf.log2_h) - 2][leaf.mode];
  if (!io.bit(models[0], leaf.alternative != 0)) return 0;
  if (has_trained(leaf) || !io.bit(models[1], leaf.alternative > 1)) return 1;
  return 2 + io.bit(models[2], leaf.alternative > 2);
}

// A whole leaf but for the reconstruction. level(plane, i) and sink(plane, i, level) as in code_coefficients.
template <class Io, class Level, class Sink>
void code_leaf(Io& io, Tile& tile, Models& m, Leaf& leaf, Level level, Sink sink) {
  code_prediction(io, tile, m, leaf);
  const BlockShape& shape = leaf.shape();
  UnitCells cells[2];
  for (int p = 0; p < leaf.planes(); ++p) {
    Expectation expected;
    tile.expect(leaf.tree, p, leaf.x, leaf.y, shape, &expected);
    leaf.count[p] = static_cast<int16_t>(code_coefficients(
        io, m, shape, leaf.tree + p, tile.dependent, expected, tile.empty_context(leaf, p), leaf.count[p],
        [&](int i) { return level(p, i); }, [&](int i, int value) { sink(p, i, value); }, &cells[p]));
  }
  leaf.alternative = has_alternative(leaf) ? static_cast<uint8_t>(code_alternative(io, m, leaf)) : 0;
  tile.remember(leaf, cells);
}

}  // namespace veneer
