// Encoder only: the choice of prediction, transform and levels of one leaf.
#include <algorithm>
#include <cstdlib>
#include <cstring>

#include "enc_ranking.h"
#include "enc_search.h"
#include "enc_trained_transform.h"
#include "trained_transform.h"

namespace veneer {
namespace {

constexpr int64_t kNever = int64_t{1} << 60;
constexpr int kBlockSamples = kMaxBlock * kMaxBlock;

// The orthonormal step, 2^8 times quarter levels: the same for blocks of all sizes.
int64_t orthonormal_step(int step_index) { return std::max<int64_t>(1, step_scale(step_index) >> 8); }

void dequantize_dependent(const BlockShape& shape, const int16_t* level, int count, const HalfSteps& steps,
                          int16_t* coef) {
  for (int i = count - 1, state = 0; i >= 0; --i) {
    coef[shape.scan[i]] = dequantize(halves(level[i], quantizer_of(state)), steps.scale[shape.frequency[i]]);
    state = next_state(true, state, level[i]);
  }
}

}  // namespace

void forward_transform(const EncoderKernels& kernels, const Leaf& leaf, int mode, int alternative,
                       const int16_t* residual, int32_t* coef) {
  const bool trained = alternative != 0 && has_trained(leaf);
  const TxPair tx = transform_pair(trained ? 0 : alternative);
  kernels.forward(residual, 1 << leaf.log2_w, leaf.log2_w, leaf.log2_h, tx.horizontal, tx.vertical, coef);
  if (trained) trained_forward(mode, coef);
}

void SuperblockSearch::mode_costs(const Leaf& leaf, int* cost) const {
  const PredictionContext context = prediction_context(tile_, leaf);
  const auto& models = tile_.models->mode[leaf.tree][context.large];
  const auto& by_above = models[0][mode_family(context.before)][context.above];
  const auto& by_before = models[1][mode_family(context.above)][context.before];
  int node_cost[64];
  node_cost[1] = 0;
  for (int node = 1; node < 32; ++node) {
    for (int bit = 0; bit < 2; ++bit) {
      node_cost[2 * node + bit] = node_cost[node] + costs_.bit(by_above[node], by_before[node], bit);
    }
  }
  std::copy(node_cost + 32, node_cost + 32 + kModes, cost);
}

// Half a sum of absolute Hadamard coefficients over the step, in 1/256 bits: about three bits a level.
int64_t SuperblockSearch::satd_cost(int64_t satd, int step_index) const {
  return satd * (settings_.satd_weight * 128 * 256) / orthonormal_step(step_index);
}

// Distortion of the frequencies above 32 of a 64x64 block, which are not coded: by Parseval, the energy of the residual
// less that of the coefficients.
int64_t SuperblockSearch::uncoded_energy_cost(const int16_t* residual, const int32_t* coef, int step_index) const {
  int64_t samples = 0, coded = 0;
  for (int i = 0; i < kBlockSamples; ++i) samples += residual[i] * residual[i];
  for (int i = 0; i < kMaxFrequencies * kMaxFrequencies; ++i) {
    coded += static_cast<int64_t>(coef[i]) * coef[i] >> 4;  // 256^2 / 4096 = 2^4 for an energy in samples
  }
  const int64_t uncoded = std::max<int64_t>(0, samples - coded);
  const int64_t step = orthonormal_step(step_index);
  // (levels in 1/256)^2 x weight / 2^16, the step in 1/256 quarter levels.
  // At most 2^12 x 1020^2 x 2^13 x 2^16 < 2^62.
  return uncoded * settings_.rdo.distortion_weight * 65536 / (step * step);
}

int SuperblockSearch::alternative_cost(const Leaf& leaf, int mode, int alternative) const {
  const BitModel* models = tile_.models->transform[std::max(leaf.log2_w, leaf.log2_h) - 2][mode];
  int cost = costs_.bit(models[0], alternative != 0);
  if (has_trained(leaf)) return cost;
  if (alternative) cost += costs_.bit(models[1], alternative > 1);
  if (alternative > 1) cost += costs_.bit(models[2], alternative > 2);
  return cost;
}

void SuperblockSearch::quantize(const Leaf& leaf, int plane_of_tree, const Expectation& expected, const int32_t* coef,
                                bool final, QuantizedBlock* out) const {
  const BlockShape& shape = leaf.shape();
  const int position = tile_.leaf_step_position(leaf, plane_of_tree), plane = leaf.tree + plane_of_tree;
  const int context = tile_.empty_context(leaf, plane_of_tree);
  if (final || settings_.trellis_search == 2) {
    quantize_block_dependent(*tile_.models, costs_, settings_.rdo, shape, plane, expected, context, coef, position,
                             out);
  } else if (settings_.estimate) {
    fast_.quantize(*tile_.models, costs_, shape, plane, expected, context, coef, position + settings_.step_offset, out);
  } else {
    quantize_block(*tile_.models, costs_, settings_.rdo, shape, plane, expected, context, coef,
                   position + settings_.step_offset, out);
  }
}

// The same of a residual with four more binary places: that without them, and what it leaves, by themselves.
static void forward_fine(const EncoderKernels& kernels, const Leaf& leaf, const int16_t* residual, int32_t* coef) {
  constexpr int kExtra = 4, kMore = 7;  // the rest has so many places more while it is transformed
  alignas(64) int16_t coarse[kBlockSamples], rest[kBlockSamples];
  alignas(64) int32_t added[kMaxFrequencies * kMaxFrequencies];
  const BlockShape& shape = leaf.shape();
  for (int i = 0; i < shape.w * shape.h; ++i) {
    const int whole = (residual[i] + (1 << kExtra >> 1)) >> kExtra;
    coarse[i] = static_cast<int16_t>(whole);
    rest[i] = static_cast<int16_t>((residual[i] - whole * (1 << kExtra)) * (1 << kMore));
  }
  forward_transform(kernels, leaf, leaf.mode, leaf.alternative, coarse, coef);
  forward_transform(kernels, leaf, leaf.mode, leaf.alternative, rest, added);
  constexpr int kShift = kExtra + kMore;
  for (int i = 0; i < shape.count; ++i) coef[i] += (added[i] + (1 << kShift >> 1)) >> kShift;
}

void SuperblockSearch::refine(Leaf& leaf, QuantizedBlock* blocks) {
  const BlockShape& shape = leaf.shape();
  const bool fine = tile_.range.fine();
  const Tile& source = fine ? *fine_source_ : source_;
  alignas(64) int16_t prediction[kBlockSamples], residual[kBlockSamples];
  alignas(64) int32_t coef[kMaxFrequencies * kMaxFrequencies];
  alignas(64) int16_t decoded[kMaxFrequencies * kMaxFrequencies] = {};
  const Rim rim = tile_.derived_rim(leaf);
  for (int p = 0; p < leaf.planes(); ++p) {
    tile_.predict_leaf(leaf, p, rim, prediction, shape.w);
    kernels_.subtract(source.at(leaf.tree + p, leaf.x, leaf.y), source.stride, prediction, shape.w, shape.h, residual);
    if (fine) {
      forward_fine(kernels_, leaf, residual, coef);
    } else {
      forward_transform(kernels_, leaf, leaf.mode, leaf.alternative, residual, coef);
    }
    Expectation expected;
    tile_.expect(leaf.tree, p, leaf.x, leaf.y, shape, &expected);
    quantize(leaf, p, expected, coef, tile_.dependent, &blocks[p]);
    leaf.count[p] = static_cast<int16_t>(blocks[p].count);
    if (tile_.dependent) {
      dequantize_dependent(shape, blocks[p].level, blocks[p].count,
                           {tile_.leaf_step_position(leaf, p), tile_.params.matrix}, decoded);
    } else {
      dequantize_block(leaf, p, blocks[p], decoded);
    }
    tile_.reconstruct_plane(leaf, p, rim, decoded);
    for (int i = 0; i < blocks[p].count; ++i) decoded[shape.scan[i]] = 0;
  }
}

void SuperblockSearch::dequantize_levels(const Leaf& leaf, int plane_of_tree, const int16_t* level, int count,
                                         int16_t* coef) const {
  const BlockShape& shape = leaf.shape();
  const int position = tile_.leaf_step_position(leaf, plane_of_tree);
  if (settings_.trellis_search) {
    return dequantize_dependent(shape, level, count, {position, tile_.params.matrix}, coef);
  }
  // Independent levels k stand for 2 k half steps of the file's quantizer, or of one `step_offset` apart.
  const HalfSteps steps(position + settings_.step_offset - kHalfStepOffset - 16, tile_.params.matrix);
  for (int i = 0; i < count; ++i) {
    coef[shape.scan[i]] = dequantize(2 * level[i], steps.scale[shape.frequency[i]]);
  }
}

void SuperblockSearch::reconstruct_fine(const Leaf& leaf, const int16_t* const* levels) {
  const BlockShape& shape = leaf.shape();
  const Rim rim = tile_.derived_rim(leaf);
  for (int p = 0; p < leaf.planes(); ++p) {
    dequantize_levels(leaf, p, levels[p], leaf.count[p], scratch_.coef);
    tile_.reconstruct_plane(leaf, p, rim, scratch_.coef);
    for (int i = 0; i < leaf.count[p]; ++i) scratch_.coef[shape.scan[i]] = 0;
  }
}

// Samples of Co, from which Cg is predicted.
void SuperblockSearch::reconstruct_trial(const Leaf& leaf, const Rim& rim, const QuantizedBlock& block) {
  alignas(64) int16_t coef[kMaxFrequencies * kMaxFrequencies] = {};
  dequantize_block(leaf, 0, block, coef);
  tile_.reconstruct_plane(leaf, 0, rim, coef);
}

void SuperblockSearch::commit(const Leaf& leaf, const QuantizedBlock* const* blocks, Plan* plan) {
  int16_t* const coef = scratch_.coef;  // zeros, before and after
  const BlockShape& shape = leaf.shape();
  UnitCells cells[2];
  const Rim rim = tile_.derived_rim(leaf);
  for (int p = 0; p < leaf.planes(); ++p) {
    const QuantizedBlock& block = *blocks[p];
    dequantize_block(leaf, p, block, coef);
    cells_of_levels(shape, block.level, block.count, &cells[p]);
    tile_.reconstruct_plane(leaf, p, rim, coef);
    for (int i = 0; i < block.count; ++i) coef[shape.scan[i]] = 0;
    plan->levels.insert(plan->levels.end(), block.level, block.level + block.count);
  }
  tile_.remember(leaf, cells);
  plan->leaves.push_back(leaf);
}

int64_t SuperblockSearch::leaf(Tree tree, int x, int y, int log2_w, int log2_h, Plan* plan) {
  plan->clear();
  Leaf leaf{};
  leaf.x = static_cast<uint16_t>(x);
  leaf.y = static_cast<uint16_t>(y);
  leaf.log2_w = static_cast<uint8_t>(log2_w);
  leaf.log2_h = static_cast<uint8_t>(log2_h);
  leaf.tree = tree;
  if (tree == kChromaTree) return chroma_leaf(leaf, plan);
  return settings_.estimate ? fast_luma_leaf(leaf, plan) : luma_leaf(leaf, plan);
}

int64_t SuperblockSearch::luma_leaf(Leaf& leaf, Plan* plan) {
  const BlockShape& shape = leaf.shape();
  const int w = shape.w, h = shape.h;
  const int16_t* source = source_.at(0, leaf.x, leaf.y);
  alignas(64) int16_t prediction[kBlockSamples], residual[kBlockSamples];
  alignas(64) int32_t coefs[2][kMaxFrequencies * kMaxFrequencies];
  int32_t *coef = coefs[0], *best_coef = coefs[1];
  Edges edges;
  tile_.gather_edges(0, leaf.x, leaf.y, w, h, &edges);
  const int index = tile_.leaf_step_index(leaf, 0);

  // Rank the predictions by a cheap measure.
  int side[kModes];
  mode_costs(leaf, side);
  Ranking ranked;
  rank_modes(
      settings_.directions,
      [&](int mode) {
        predict(mode, edges, leaf.log2_w, leaf.log2_h, prediction, w);
        return satd_cost(kernels_.satd(source, source_.stride, prediction, w, w, h), index) + side[mode];
      },
      &ranked);

  Expectation expected;
  tile_.expect(kLumaTree, 0, leaf.x, leaf.y, shape, &expected);
  QuantizedBlock blocks[2];
  QuantizedBlock *best = &blocks[0], *trial = &blocks[1];
  int64_t best_cost = kNever;
  Leaf chosen = leaf;
  const bool alternatives = settings_.alternatives != Alternatives::kNone && may_alternate(leaf);
  // Codes the residual; false if no coefficient is left.
  const auto try_transform = [&](int mode, int alternative) {
    forward_transform(kernels_, leaf, mode, alternative, residual, coef);
    quantize(leaf, 0, expected, coef, false, trial);
    const bool coded = trial->count > 0;
    if (!coded && alternative) return false;
    int64_t cost = trial->cost + side[mode];
    if (leaf.log2_w == 6) cost += uncoded_energy_cost(residual, coef, index);
    if (coded && may_alternate(leaf)) cost += alternative_cost(leaf, mode, alternative);
    if (cost < best_cost) {
      best_cost = cost;
      chosen.mode = static_cast<uint8_t>(mode);
      chosen.alternative = static_cast<uint8_t>(alternative);
      chosen.count[0] = static_cast<int16_t>(trial->count);
      std::swap(best, trial);
      std::swap(coef, best_coef);
    }
    return coded;
  };
  for (int k = 0; k < std::min(settings_.full_modes, ranked.count()); ++k) {
    const int mode = ranked[k].mode;
    if (k > 0 && ranked[k].cost * 256 > ranked[0].cost * settings_.mode_margin) break;
    predict(mode, edges, leaf.log2_w, leaf.log2_h, prediction, w);
    kernels_.subtract(source, source_.stride, prediction, w, h, residual);
    for (int alternative : {0, plain_alternative(leaf, mode)}) {
      if (alternative && !alternatives) break;
      if (!try_transform(mode, alternative)) break;
    }
  }
  if (alternatives && settings_.alternatives == Alternatives::kAll && chosen.count[0] > 0) {
    const int mode = chosen.mode;
    predict(mode, edges, leaf.log2_w, leaf.log2_h, prediction, w);
    kernels_.subtract(source, source_.stride, prediction, w, h, residual);
    for (int alternative = 1; alternative < alternatives_of(leaf); ++alternative) {
      if (alternative != plain_alternative(leaf, mode)) try_transform(mode, alternative);
    }
  }
  leaf = chosen;
  if (settings_.trellis_search == 1) {
    best_cost -= best->cost;
    quantize(leaf, 0, expected, best_coef, true, best);
    best_cost += best->cost;
    leaf.count[0] = static_cast<int16_t>(best->count);
    if (!has_alternative(leaf)) leaf.alternative = 0;
  }
  const QuantizedBlock* const kept[1] = {best};
  commit(leaf, kept, plan);
  return best_cost;
}

}  // namespace veneer
