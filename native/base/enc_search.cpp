#include "enc_search.h"

#include <algorithm>
#include <cstdlib>
#include <cstring>

namespace veneer {
namespace {

constexpr int64_t kNever = int64_t{1} << 60;

}  // namespace

// A region's samples, edges and per-superblock maps.
struct SuperblockSearch::Snapshot {
  int16_t samples[2][kSuperblock * kSuperblock];
  EdgeUnit top[kSuperblockUnits], left[kSuperblockUnits];
  uint8_t mode[kSuperblockUnits][kSuperblockUnits];
  uint8_t area[kSuperblockUnits][kSuperblockUnits];
  int8_t offset[kSuperblockUnits][kSuperblockUnits];
};

// Scratch of one depth of the recursion.
struct SuperblockSearch::Level {
  Snapshot entry, best;
  Plan best_plan, trial, quad, part;
};

SuperblockSearch::SuperblockSearch(Tile& tile, const Tile& source, const SearchSettings& settings,
                                   const std::vector<int8_t>& group_offset, int groups_per_row)
    : tile_(tile),
      source_(source),
      settings_(settings),
      group_offset_(group_offset),
      groups_per_row_(groups_per_row),
      fast_(settings.rdo.matrix, settings.rdo.distortion_weight),
      levels_(new Level[7]) {}

SuperblockSearch::~SuperblockSearch() = default;

void SuperblockSearch::save_edges(Tree tree, int x, int y, int size, Snapshot* to) const {
  const int units = size / kUnit, ux = x / kUnit, uy = y / kUnit % kSuperblockUnits;
  const int columns = std::min(units, tile_.units_w - ux);
  std::memcpy(to->top, &tile_.top[tree][ux], sizeof(EdgeUnit) * columns);
  std::memcpy(to->left, &tile_.left[tree][uy], sizeof(EdgeUnit) * units);
}

void SuperblockSearch::restore_edges(Tree tree, int x, int y, int size, const Snapshot& from) {
  const int units = size / kUnit, ux = x / kUnit, uy = y / kUnit % kSuperblockUnits;
  const int columns = std::min(units, tile_.units_w - ux);
  std::memcpy(&tile_.top[tree][ux], from.top, sizeof(EdgeUnit) * columns);
  std::memcpy(&tile_.left[tree][uy], from.left, sizeof(EdgeUnit) * units);
}

void SuperblockSearch::save(Tree tree, int x, int y, int size, Snapshot* to) const {
  save_edges(tree, x, y, size, to);
  const int w = std::min(size, tile_.width - x), h = std::min(size, tile_.height - y);
  for (int p = 0; p < (tree == kLumaTree ? 1 : 2); ++p) {
    for (int r = 0; r < h; ++r) {
      std::memcpy(to->samples[p] + r * size, tile_.at(tree + p, x, y + r), sizeof(int16_t) * w);
    }
  }
  if (tree == kLumaTree) {
    const int units = size / kUnit, ux = x / kUnit % kSuperblockUnits, uy = y / kUnit % kSuperblockUnits;
    for (int r = 0; r < units; ++r) {
      std::memcpy(to->mode[r], &tile_.luma_mode[uy + r][ux], units);
      std::memcpy(to->area[r], &tile_.luma_log2_area[uy + r][ux], units);
      std::memcpy(to->offset[r], &tile_.step_offset[uy + r][ux], units);
    }
  }
}

void SuperblockSearch::restore(Tree tree, int x, int y, int size, const Snapshot& from) {
  restore_edges(tree, x, y, size, from);
  const int w = std::min(size, tile_.width - x), h = std::min(size, tile_.height - y);
  for (int p = 0; p < (tree == kLumaTree ? 1 : 2); ++p) {
    for (int r = 0; r < h; ++r) {
      std::memcpy(tile_.at(tree + p, x, y + r), from.samples[p] + r * size, sizeof(int16_t) * w);
    }
  }
  if (tree == kLumaTree) {
    const int units = size / kUnit, ux = x / kUnit % kSuperblockUnits, uy = y / kUnit % kSuperblockUnits;
    for (int r = 0; r < units; ++r) {
      std::memcpy(&tile_.luma_mode[uy + r][ux], from.mode[r], units);
      std::memcpy(&tile_.luma_log2_area[uy + r][ux], from.area[r], units);
      std::memcpy(&tile_.step_offset[uy + r][ux], from.offset[r], units);
    }
  }
}

int SuperblockSearch::group_offset(int x, int y, int size) const {
  const int log2_group = tile_.params.step_group_log2;
  if (log2_group == 0) return 0;
  int sum = 0, count = 0;
  const int group = 1 << log2_group;
  for (int gy = y; gy < std::min(y + size, tile_.height); gy += group) {
    for (int gx = x; gx < std::min(x + size, tile_.width); gx += group) {
      sum += group_offset_[static_cast<size_t>(gy >> log2_group) * groups_per_row_ + (gx >> log2_group)];
      ++count;
    }
  }
  return sum >= 0 ? (sum + count / 2) / count : -((-sum + count / 2) / count);
}

int SuperblockSearch::split_cost(int tree, int context, int log2_size, Split split) const {
  const BitModel* m = tile_.models->node[tree][log2_size - 3][context];
  int cost = costs_.bit(m[0], split != kLeaf);
  if (split == kLeaf || log2_size == 6) return cost;
  cost += costs_.bit(m[1], split != kQuad);
  return split == kQuad ? cost : cost + costs_.bit(m[2], split != kHorizontalSplit);
}

void SuperblockSearch::run(int x, int y, Plan* plan) {
  plan->clear();
  Snapshot entry[2];
  const int trees = tile_.colour ? 2 : 1;
  for (int t = 0; t < trees; ++t) save_edges(static_cast<Tree>(t), x, y, kSuperblock, &entry[t]);
  for (int t = 0; t < trees; ++t) {
    Plan part;
    node(static_cast<Tree>(t), x, y, 6, kNever, &part);
    plan->append(part);
  }
  for (int t = 0; t < trees; ++t) {
    restore_edges(static_cast<Tree>(t), x, y, kSuperblock, entry[t]);
    tile_.mark_decoded(t, x, y, kSuperblock, kSuperblock, 0);
  }
}

// Whether a node is too busy for a leaf of its size: judged by the cost of predicting it from its mean.
bool SuperblockSearch::skips_leaf(Tree tree, int x, int y, int log2_size) const {
  if (!settings_.pruning.may_skip(tree, log2_size)) return false;
  const int size = 1 << log2_size;
  alignas(64) static thread_local int16_t flat[kMaxBlock * kMaxBlock];
  Leaf node{};
  node.x = static_cast<uint16_t>(x);
  node.y = static_cast<uint16_t>(y);
  node.tree = tree;
  int64_t activity = 0;
  for (int p = 0; p < node.planes(); ++p) {
    const int16_t* source = source_.at(tree + p, x, y);
    int32_t sum = 0;
    for (int r = 0; r < size; ++r) {
      for (int c = 0; c < size; ++c) sum += source[r * source_.stride + c];
    }
    std::fill_n(flat, size * size, static_cast<int16_t>(sum >> 2 * log2_size));
    activity +=
        satd_cost(kernels_.satd(source, source_.stride, flat, size, size, size), tile_.leaf_step_index(node, p));
  }
  return settings_.pruning.skips(tree, log2_size, activity);
}

int64_t SuperblockSearch::node(Tree tree, int x, int y, int log2_size, int64_t budget, Plan* plan) {
  plan->clear();
  if (x >= tile_.width || y >= tile_.height) return 0;
  const int size = 1 << log2_size, half = size / 2;
  const ScreenMap::State screen = tile_.screen.state(x, y, log2_size);
  const bool leaves_tile = x + size > tile_.width || y + size > tile_.height;
  if (screen == ScreenMap::kAll && !leaves_tile) {
    tile_.remember_screen(tree, x, y, log2_size);
    return 0;
  }
  const bool crosses = leaves_tile || screen == ScreenMap::kSome;  // divided without a symbol
  if (tree == kLumaTree && tile_.params.step_group_log2 != 0 && log2_size >= tile_.params.step_group_log2) {
    tile_.set_step_offset(x, y, size, group_offset(x, y, size));
  }
  if (!crosses && log2_size == 2) return leaf(tree, x, y, 2, 2, plan);

  Level& level = levels_[log2_size];
  save_edges(tree, x, y, size, &level.entry);
  int64_t best = kNever;
  const int context = crosses ? 0 : tile_.node_context(tree, x, y, log2_size);
  bool current_is_best = false;
  int64_t leaf_total = kNever;

  if (!crosses && log2_size <= settings_.max_log2 && !skips_leaf(tree, x, y, log2_size)) {
    level.best_plan.clear();
    level.best_plan.splits.push_back(kLeaf);
    Plan& part = level.trial;
    part.clear();
    best = leaf_total = split_cost(tree, context, log2_size, kLeaf) + leaf(tree, x, y, log2_size, log2_size, &part);
    level.best_plan.append(part);
    current_is_best = true;
    const Leaf& chosen = part.leaves[0];
    const bool empty = chosen.count[0] == 0 && (tree == kLumaTree || chosen.count[1] == 0);
    if ((empty && log2_size <= settings_.empty_stop) || log2_size <= settings_.min_log2 ||
        settings_.pruning.stops(tree, log2_size, best)) {
      std::swap(*plan, level.best_plan);
      return best;
    }
    save(tree, x, y, size, &level.best);
  }

  const auto retry = [&] {
    restore_edges(tree, x, y, size, level.entry);
    tile_.mark_decoded(tree, x, y, size, size, 0);
    if (tree == kLumaTree && tile_.params.step_group_log2 != 0 && log2_size >= tile_.params.step_group_log2) {
      tile_.set_step_offset(x, y, size, group_offset(x, y, size));
    }
    current_is_best = false;
  };
  const auto keep = [&](int64_t total, Plan& trial) {
    best = total;
    std::swap(level.best_plan, trial);
    current_is_best = true;
  };

  // Four quarters.
  Plan& quad = level.quad;
  quad.clear();
  if (!crosses) {
    retry();
    quad.splits.push_back(kQuad);
  }
  int64_t total = crosses ? 0 : split_cost(tree, context, log2_size, kQuad);
  const int64_t limit = std::min(best, budget);
  for (int q = 0; q < 4 && total < limit; ++q) {
    Plan& part = level.part;
    total += node(tree, x + (q & 1) * half, y + (q >> 1) * half, log2_size - 1, limit - total, &part);
    quad.append(part);
  }
  const int64_t quad_total = total;
  if (total < limit) {
    keep(total, quad);
    if (!crosses) save(tree, x, y, size, &level.best);
  }
  if (crosses || leaf_total == kNever) {  // nothing to compare with, or only what exceeds the budget
    std::swap(*plan, level.best_plan);
    return best;
  }

  const bool rectangles = settings_.rectangles && log2_size <= 5 &&
                          quad_total * 256 >= leaf_total * settings_.quad_floor &&
                          (settings_.quad_margin == 0 || quad_total * 256 < leaf_total * settings_.quad_margin);
  if (rectangles) {
    for (Split split : {kHorizontalSplit, kVerticalSplit}) {
      retry();
      Plan& trial = level.trial;
      trial.clear();
      trial.splits.push_back(split);
      int64_t sum = split_cost(tree, context, log2_size, split);
      for (int i = 0; i < 2 && sum < best; ++i) {
        Plan& part = level.part;
        sum += split == kHorizontalSplit ? leaf(tree, x, y + i * half, log2_size, log2_size - 1, &part)
                                         : leaf(tree, x + i * half, y, log2_size - 1, log2_size, &part);
        trial.append(part);
      }
      if (sum < best) {
        keep(sum, trial);
        if (split == kHorizontalSplit) save(tree, x, y, size, &level.best);
      }
    }
  }
  if (!current_is_best) {
    restore(tree, x, y, size, level.best);
    tile_.mark_decoded(tree, x, y, size, size, 1);
  }
  std::swap(*plan, level.best_plan);
  return best;
}

}  // namespace veneer
