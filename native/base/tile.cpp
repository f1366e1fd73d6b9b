#include "tile.h"

#include <algorithm>
#include <cstring>

#include "trained_transform.h"
#include "warm_models.h"

namespace veneer {

bool parse_base_params(const uint8_t* bytes, BaseParams* out) {
  out->step_index = bytes[0];
  out->plane_offset[0] = static_cast<int8_t>(bytes[1]);
  out->plane_offset[1] = static_cast<int8_t>(bytes[2]);
  out->matrix = bytes[3];
  out->step_group_log2 = bytes[4];
  out->tools = bytes[5];
  const auto group = out->step_group_log2;
  return out->step_index <= kMaxStepIndex && out->matrix <= kMaxMatrix && (group == 0 || (group >= 4 && group <= 6)) &&
         (out->tools & ~(kToolDependent | kToolScreen | kToolFilters)) == 0;
}

Tile::Tile(int width_, int height_, bool colour_, const BaseParams& params_)
    : width((width_ + kUnit - 1) / kUnit * kUnit),
      height((height_ + kUnit - 1) / kUnit * kUnit),
      stride(width),
      units_w(width / kUnit),
      units_h(height / kUnit),
      colour(colour_),
      params(params_),
      range(range_of_depth(params_.depth)),
      dependent((params_.tools & kToolDependent) != 0),
      models(make_owned<Models>()) {
  load_warm_models(params.step_index, models.get());
  for (int p = 0; p < (colour ? 3 : 1); ++p) samples[p].assign(static_cast<size_t>(width) * height, 0);
  for (int tree = 0; tree < (colour ? 2 : 1); ++tree) {
    top[tree].resize(units_w);
    decoded[tree].assign(static_cast<size_t>(units_w) * units_h, 0);
  }
  std::memset(left, 0, sizeof left);
  std::memset(luma_mode, 0, sizeof luma_mode);
  std::memset(luma_log2_area, 0, sizeof luma_log2_area);
  std::memset(step_offset, 0, sizeof step_offset);
}

void Tile::start_superblock_row() { std::memset(left, 0, sizeof left); }

void Tile::gather_edges(int plane, int x, int y, int w, int h, Edges* edges) const {
  const int tree = plane > 0;
  const int ux = x / kUnit, uy = y / kUnit, reach = (w + h) / kUnit;
  int above = 0, before = 0;
  if (y > 0) {
    const uint8_t* row = &decoded[tree][static_cast<size_t>(uy - 1) * units_w];
    above = w / kUnit;
    while (above < reach && ux + above < units_w && row[ux + above]) ++above;
  }
  if (x > 0) {
    const uint8_t* column = &decoded[tree][static_cast<size_t>(uy) * units_w + ux - 1];
    before = h / kUnit;
    while (before < reach && uy + before < units_h && column[static_cast<size_t>(before) * units_w]) ++before;
  }
  edges->gather(at(plane, x, y), stride, w, h, above * kUnit, before * kUnit, above && before,
                static_cast<int16_t>(range.middle(plane)));
}

void Tile::expect(int tree, int plane_of_tree, int x, int y, const BlockShape& shape, Expectation* out) const {
  const EdgeUnit *above_unit = above(tree, x, y), *before_unit = before(tree, x, y);
  gather_expectation(above_unit ? &above_unit->cells[plane_of_tree] : nullptr, shape.w / kUnit,
                     before_unit ? &before_unit->cells[plane_of_tree] : nullptr, shape.h / kUnit, sizeof(EdgeUnit),
                     out);
}

int Tile::empty_context(const Leaf& leaf, int plane_of_tree) const {
  const EdgeUnit *above_unit = above(leaf.tree, leaf.x, leaf.y), *before_unit = before(leaf.tree, leaf.x, leaf.y);
  const int empty = (above_unit && (above_unit->empty >> plane_of_tree & 1)) +
                    (before_unit && (before_unit->empty >> plane_of_tree & 1));
  if (plane_of_tree == 0) return empty;
  return leaf.count[0] == 0 ? 2 : empty == 2;
}

void Tile::remember(const Leaf& leaf, const UnitCells* cells) {
  EdgeUnit unit;
  unit.mode = leaf.mode;
  unit.cfl = leaf.cfl;
  unit.empty = 0;
  for (int p = 0; p < leaf.planes(); ++p) {
    unit.empty = static_cast<uint8_t>(unit.empty | (leaf.count[p] == 0) << p);
    unit.cells[p] = cells[p];
  }
  const size_t size = offsetof(EdgeUnit, cells) + leaf.planes() * sizeof(UnitCells);
  unit.log2_side = leaf.log2_w;
  EdgeUnit* above_units = &top[leaf.tree][leaf.x / kUnit];
  for (int i = 0; i < 1 << (leaf.log2_w - 2); ++i) std::memcpy(&above_units[i], &unit, size);
  unit.log2_side = leaf.log2_h;
  EdgeUnit* left_units = &left[leaf.tree][leaf.y / kUnit % kSuperblockUnits];
  for (int i = 0; i < 1 << (leaf.log2_h - 2); ++i) std::memcpy(&left_units[i], &unit, size);

  mark_decoded(leaf.tree, leaf.x, leaf.y, 1 << leaf.log2_w, 1 << leaf.log2_h, 1);
  if (leaf.tree == kLumaTree) {
    const int ux = leaf.x / kUnit % kSuperblockUnits, uy = leaf.y / kUnit % kSuperblockUnits;
    for (int y = 0; y < 1 << (leaf.log2_h - 2); ++y) {
      std::memset(&luma_mode[uy + y][ux], leaf.mode, size_t{1} << (leaf.log2_w - 2));
      std::memset(&luma_log2_area[uy + y][ux], leaf.log2_w + leaf.log2_h, size_t{1} << (leaf.log2_w - 2));
    }
  }
}

Leaf Tile::remember_screen(Tree tree, int x, int y, int log2_size) {
  static const UnitCells kNoCells[2] = {};
  Leaf leaf{};
  leaf.x = static_cast<uint16_t>(x);
  leaf.y = static_cast<uint16_t>(y);
  leaf.log2_w = leaf.log2_h = static_cast<uint8_t>(log2_size);
  leaf.tree = tree;
  if (tree == kLumaTree) set_step_offset(x, y, 1 << log2_size, 0);
  remember(leaf, kNoCells);
  return leaf;
}

void Tile::mark_decoded(int tree, int x, int y, int w, int h, uint8_t value) {
  const int columns = std::min(w / kUnit, units_w - x / kUnit), rows = std::min(h / kUnit, units_h - y / kUnit);
  for (int r = 0; r < rows; ++r) {
    std::memset(&decoded[tree][static_cast<size_t>(y / kUnit + r) * units_w + x / kUnit], value, columns);
  }
}

void Tile::set_step_offset(int x, int y, int size, int value) {
  const int ux = x / kUnit % kSuperblockUnits, uy = y / kUnit % kSuperblockUnits, n = size / kUnit;
  for (int r = 0; r < n; ++r) std::memset(&step_offset[uy + r][ux], value, n);
}

int Tile::leaf_step_index(const Leaf& leaf, int plane_of_tree) const {
  int index = params.step_index;
  if (leaf.tree == kChromaTree) index += params.plane_offset[plane_of_tree];
  index += 2 * step_offset[leaf.y / kUnit % kSuperblockUnits][leaf.x / kUnit % kSuperblockUnits];
  return std::clamp(index, 0, kMaxStepIndex);
}

int Tile::leaf_step_position(const Leaf& leaf, int plane_of_tree) const {
  return step_position(leaf_step_index(leaf, plane_of_tree), leaf.shape());
}

int Tile::node_context(int tree, int x, int y, int log2_size) const {
  const EdgeUnit *above_unit = above(tree, x, y), *before_unit = before(tree, x, y);
  const int a = above_unit ? std::clamp(log2_size - above_unit->log2_side, 0, 3) : 0;
  const int b = before_unit ? std::clamp(log2_size - before_unit->log2_side, 0, 3) : 0;
  if (tree == kLumaTree) return a * 4 + b;
  const int half = 1 << (log2_size - 1);
  const int area = luma_log2_area[(y + half) / kUnit % kSuperblockUnits][(x + half) / kUnit % kSuperblockUnits];
  const int deeper = 2 * log2_size - area;
  return (deeper <= 0 ? 0 : deeper <= 2 ? 1 : 2) * 4 + std::min(a, 1) * 2 + std::min(b, 1);
}

void Tile::gather_leaf_rim(const Leaf& leaf, Rim* rim) const {
  const int16_t* const first[3] = {at(0, leaf.x, leaf.y), at(1, leaf.x, leaf.y), at(2, leaf.x, leaf.y)};
  gather_rim(first, stride, 1 << leaf.log2_w, 1 << leaf.log2_h, leaf.y > 0, leaf.x > 0, range, rim);
}

Rim Tile::derived_rim(const Leaf& leaf) const {
  Rim rim;
  if (leaf.cfl == kChromaDerived) gather_leaf_rim(leaf, &rim);
  return rim;
}

void Tile::predict_leaf(const Leaf& leaf, int plane_of_tree, const Rim& rim, int16_t* out, ptrdiff_t out_stride) const {
  const int plane = leaf.tree + plane_of_tree, w = 1 << leaf.log2_w, h = 1 << leaf.log2_h;
  if (leaf.cfl == kChromaDerived) {
    predict_derived(rim, plane_of_tree, at(0, leaf.x, leaf.y), at(1, leaf.x, leaf.y), stride, leaf.log2_w, leaf.log2_h,
                    out, out_stride);
    return;
  }
  Edges edges;
  gather_edges(plane, leaf.x, leaf.y, w, h, &edges);
  if (leaf.cfl) {
    predict_from_luma(leaf.alpha[plane_of_tree], edges, at(0, leaf.x, leaf.y), stride, leaf.log2_w, leaf.log2_h,
                      range.widest, out, out_stride);
  } else {
    predict(leaf.mode, edges, leaf.log2_w, leaf.log2_h, out, out_stride);
  }
}

// Residual [h][w] of a plane with `count` coefficients up to the last.
static void inverse_transform(const Leaf& leaf, int count, const SampleRange& range, const int16_t* coef,
                              int16_t* residual) {
  const auto inverse = range.fine() ? kernels().inverse_fine : kernels().inverse;
  if (leaf.alternative != 0 && has_trained(leaf)) {
    alignas(64) int16_t primary[16];
    trained_inverse(leaf.mode, coef, primary);
    inverse(primary, leaf.log2_w, leaf.log2_h, Tx::kDct, Tx::kDct, 4, 4, residual);
    return;
  }
  const BlockShape& shape = leaf.shape();
  const TxPair tx = transform_pair(leaf.alternative);
  inverse(coef, leaf.log2_w, leaf.log2_h, tx.horizontal, tx.vertical, shape.last_u[count - 1] + 1,
          shape.last_v[count - 1] + 1, residual);
}

void Tile::reconstruct(const Leaf& leaf, const int16_t* const* coef) {
  const Rim rim = derived_rim(leaf);
  for (int p = 0; p < leaf.planes(); ++p) reconstruct_plane(leaf, p, rim, coef[p]);
}

void Tile::reconstruct_plane(const Leaf& leaf, int plane_of_tree, const Rim& rim, const int16_t* coef) {
  const int plane = leaf.tree + plane_of_tree, count = leaf.count[plane_of_tree];
  int16_t* samples = at(plane, leaf.x, leaf.y);
  if (count == 0 && (leaf.cfl || !may_overshoot(leaf.mode, leaf.log2_w, leaf.log2_h))) {
    predict_leaf(leaf, plane_of_tree, rim, samples, stride);
    return;
  }
  const BlockShape& shape = leaf.shape();
  alignas(64) int16_t prediction[kMaxBlock * kMaxBlock];
  alignas(64) int16_t residual[kMaxBlock * kMaxBlock];
  predict_leaf(leaf, plane_of_tree, rim, prediction, shape.w);
  if (count > 0) {
    inverse_transform(leaf, count, range, coef, residual);
  } else {
    std::memset(residual, 0, sizeof(int16_t) * shape.w * shape.h);
  }
  kernels().add_residual(prediction, shape.w, residual, shape.w, shape.h, range.low(plane), range.high(plane), samples,
                         stride);
}

}  // namespace veneer
