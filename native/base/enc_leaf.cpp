// Encoder only: the choice of prediction, transform and levels of one leaf.
#include <algorithm>
#include <cstdlib>
#include <cstring>

#include "enc_search.h"
#include "enc_trained_transform.h"
#include "trained_transform.h"

namespace veneer {
namespace {

constexpr int64_t kNever = int64_t{1} << 60;
constexpr int kBlockSamples = kMaxBlock * kMaxBlock;
// Candidates of chroma, numbered after the modes.
constexpr int kFactorsCandidate = kModes;
constexpr int kDerivedCandidate = kModes + 1;

// Predictions by rising estimate, ties in the order of insertion.
class Ranking {
 public:
  struct Entry {
    int64_t cost;
    int mode;
  };

  void add(int64_t cost, int mode) {
    int at = count_++;
    for (; at > 0 && entries_[at - 1].cost > cost; --at) entries_[at] = entries_[at - 1];
    entries_[at] = {cost, mode};
  }
  int count() const { return count_; }
  const Entry& operator[](int i) const { return entries_[i]; }

 private:
  Entry entries_[kModes + 2];
  int count_ = 0;
};

// Adds the modes that the setting asks for; estimate(mode) is their cost.
template <class Estimate>
void rank_modes(Directions directions, Estimate estimate, Ranking* ranking) {
  for (int mode = kDc; mode <= kPaeth; ++mode) ranking->add(estimate(mode), mode);
  if (directions == Directions::kNone) return;
  if (directions == Directions::kAll) {
    for (int mode = kVertical; mode < kModes; ++mode) ranking->add(estimate(mode), mode);
    return;
  }
  Ranking coarse;
  for (int mode : {3, 5, 7, 9, 11, 14, 16, 18, 20, 22}) coarse.add(estimate(mode), mode);
  bool done[kModes + 1] = {};
  for (int k = 0; k < coarse.count(); ++k) {
    ranking->add(coarse[k].cost, coarse[k].mode);
    done[coarse[k].mode] = true;
  }
  for (int k = 0; k < 2; ++k) {
    for (int mode : {coarse[k].mode - 1, coarse[k].mode + 1}) {
      if (mode < kVertical || mode >= kModes || done[mode]) continue;
      done[mode] = true;
      ranking->add(estimate(mode), mode);
    }
  }
}

// The modes without direction, the one of luma, five directions, and those beside the best ones if a direction is best.
template <class Estimate>
void rank_few_modes(int luma_mode, Estimate estimate, Ranking* ranking) {
  bool done[kModes + 1] = {};
  const auto look = [&](int mode) {
    if (mode < kDc || mode >= kModes || done[mode]) return;
    done[mode] = true;
    ranking->add(estimate(mode), mode);
  };
  for (int mode :
       {static_cast<int>(kDc), static_cast<int>(kPlanar), static_cast<int>(kPaeth), luma_mode, 4, 7, 11, 14, 18, 21})
    look(mode);
  for (int distance = 2; distance >= 1; --distance) {
    const int best = (*ranking)[0].mode;
    if (best < kVertical || best >= kModes) break;
    for (int mode : {best - distance, best + distance}) {
      if (mode >= kVertical) look(mode);
    }
  }
}
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

// cfl: as in Leaf.
int SuperblockSearch::cfl_flag_cost(const Leaf& leaf, int cfl) const {
  const PredictionContext context = prediction_context(tile_, leaf);
  const int cost = costs_.bit(tile_.models->cfl[context.size_class][context.neighbour_cfl], cfl != 0);
  if (cfl == 0) return cost;
  return cost + costs_.bit(tile_.models->derived[context.size_class][context.neighbour_cfl], cfl == kChromaDerived);
}

int SuperblockSearch::alpha_cost(const int8_t* alpha) const {
  const int sign = alpha[0] == 0 ? 0 : alpha[0] < 0 ? 1 : 2;
  return costs_.tree(tile_.models->alpha[0][0], 5, alpha[0] + 16) +
         costs_.tree(tile_.models->alpha[1][sign], 5, alpha[1] + 16);
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

// Least squares of the source chroma against the decoded luma, in eighths.
int SuperblockSearch::best_alpha(const Leaf& leaf, int plane_of_tree) const {
  const int w = 1 << leaf.log2_w, h = 1 << leaf.log2_h;
  const ChromaSums sums = kernels_.chroma_sums(
      tile_.at(0, leaf.x, leaf.y), source_.at(1 + plane_of_tree, leaf.x, leaf.y), tile_.stride, source_.stride, w, h);
  const int64_t variance = sums.luma_luma * w * h - sums.luma * sums.luma;
  const int64_t covariance = sums.luma_chroma * w * h - sums.luma * sums.chroma;
  if (variance <= 0) return 0;
  const int64_t twice = 16 * covariance;
  const int64_t alpha = (twice >= 0 ? twice + variance : twice - variance) / (2 * variance);
  return static_cast<int>(std::clamp<int64_t>(alpha, -16, 15));
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

int64_t SuperblockSearch::chroma_leaf(Leaf& leaf, Plan* plan) {
  const BlockShape& shape = leaf.shape();
  const int w = shape.w, h = shape.h;
  alignas(64) int16_t prediction[kBlockSamples], residual[kBlockSamples];
  alignas(64) int32_t coefs[4][kMaxFrequencies * kMaxFrequencies];
  int32_t *coef[2] = {coefs[0], coefs[1]}, *best_coef[2] = {coefs[2], coefs[3]};
  Edges edges[2];
  Expectation expected[2];
  int index[2];
  for (int p = 0; p < 2; ++p) {
    tile_.gather_edges(1 + p, leaf.x, leaf.y, w, h, &edges[p]);
    tile_.expect(kChromaTree, p, leaf.x, leaf.y, shape, &expected[p]);
    index[p] = tile_.leaf_step_index(leaf, p);
  }
  int8_t alpha[2];
  for (int p = 0; p < 2; ++p) alpha[p] = static_cast<int8_t>(best_alpha(leaf, p));

  Rim rim;
  tile_.gather_leaf_rim(leaf, &rim);
  const bool derived = settings_.derived_chroma && rim.count > 0;
  // Cg is predicted from Co too: until Co is coded, the source stands for it.
  for (int y = 0; derived && y < h; ++y) {
    std::memcpy(tile_.at(1, leaf.x, leaf.y + y), source_.at(1, leaf.x, leaf.y + y), sizeof(int16_t) * w);
  }

  const auto predict_candidate = [&](int candidate, int p, int16_t* out) {
    if (candidate == kDerivedCandidate) {
      predict_derived(rim, p, tile_.at(0, leaf.x, leaf.y), tile_.at(1, leaf.x, leaf.y), tile_.stride, leaf.log2_w,
                      leaf.log2_h, out, w);
    } else if (candidate == kFactorsCandidate) {
      predict_from_luma(alpha[p], edges[p], tile_.at(0, leaf.x, leaf.y), tile_.stride, leaf.log2_w, leaf.log2_h,
                        tile_.range.widest, out, w);
    } else {
      predict(candidate, edges[p], leaf.log2_w, leaf.log2_h, out, w);
    }
  };
  int side[kModes + 2];
  mode_costs(leaf, side);
  for (int mode = 0; mode < kModes; ++mode) side[mode] += cfl_flag_cost(leaf, 0);
  side[kFactorsCandidate] = cfl_flag_cost(leaf, kChromaFactors) + alpha_cost(alpha);
  side[kDerivedCandidate] = cfl_flag_cost(leaf, kChromaDerived);
  const auto estimate = [&](int candidate) {
    int64_t cost = side[candidate];
    for (int p = 0; p < 2; ++p) {
      predict_candidate(candidate, p, prediction);
      cost +=
          satd_cost(kernels_.satd(source_.at(1 + p, leaf.x, leaf.y), source_.stride, prediction, w, w, h), index[p]);
    }
    return cost;
  };
  Ranking ranked;
  if (settings_.chroma_from_luma && (alpha[0] != 0 || alpha[1] != 0)) {
    ranked.add(estimate(kFactorsCandidate), kFactorsCandidate);
  }
  if (derived) ranked.add(estimate(kDerivedCandidate), kDerivedCandidate);
  if (settings_.estimate && settings_.directions != Directions::kNone) {
    rank_few_modes(prediction_context(tile_, leaf).above, estimate, &ranked);
  } else {
    rank_modes(settings_.directions, estimate, &ranked);
  }

  QuantizedBlock blocks[4];
  QuantizedBlock *best[2] = {&blocks[0], &blocks[1]}, *trial[2] = {&blocks[2], &blocks[3]};
  int64_t best_cost = kNever;
  Leaf chosen = leaf;
  for (int k = 0; k < std::min(settings_.chroma_modes, ranked.count()); ++k) {
    const int candidate = ranked[k].mode;
    if (k > 0 && ranked[k].cost * 256 > ranked[0].cost * settings_.mode_margin) break;
    int64_t cost = side[candidate];
    Leaf tried = leaf;
    tried.cfl = candidate == kFactorsCandidate ? kChromaFactors : candidate == kDerivedCandidate ? kChromaDerived : 0;
    tried.mode = static_cast<uint8_t>(tried.cfl ? kModeNone : candidate);
    for (int p = 0; p < 2; ++p) {
      tried.alpha[p] = tried.cfl == kChromaFactors ? alpha[p] : int8_t{0};
      predict_candidate(candidate, p, prediction);
      kernels_.subtract(source_.at(1 + p, leaf.x, leaf.y), source_.stride, prediction, w, h, residual);
      kernels_.forward(residual, w, leaf.log2_w, leaf.log2_h, Tx::kDct, Tx::kDct, coef[p]);
      quantize(tried, p, expected[p], coef[p], false, trial[p]);
      tried.count[p] = static_cast<int16_t>(trial[p]->count);
      cost += trial[p]->cost;
      if (leaf.log2_w == 6) cost += uncoded_energy_cost(residual, coef[p], index[p]);
      if (p == 0 && candidate == kDerivedCandidate) reconstruct_trial(tried, rim, *trial[0]);
    }
    if (cost < best_cost) {
      best_cost = cost;
      chosen = tried;
      std::swap(best[0], trial[0]);
      std::swap(best[1], trial[1]);
      std::swap(coef[0], best_coef[0]);
      std::swap(coef[1], best_coef[1]);
    }
  }
  leaf = chosen;
  if (settings_.trellis_search == 1) {
    for (int p = 0; p < 2; ++p) {
      best_cost -= best[p]->cost;
      quantize(leaf, p, expected[p], best_coef[p], true, best[p]);
      best_cost += best[p]->cost;
      leaf.count[p] = static_cast<int16_t>(best[p]->count);
    }
  }
  const QuantizedBlock* const kept[2] = {best[0], best[1]};
  commit(leaf, kept, plan);
  return best_cost;
}

}  // namespace veneer
