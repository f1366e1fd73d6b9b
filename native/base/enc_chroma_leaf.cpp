// Encoder only: the choice of prediction and levels of a leaf of chroma.
#include <algorithm>
#include <cstring>

#include "enc_ranking.h"
#include "enc_search.h"

namespace veneer {
namespace {

constexpr int64_t kNever = int64_t{1} << 60;
constexpr int kBlockSamples = kMaxBlock * kMaxBlock;
// Candidates, numbered after the modes.
constexpr int kFactorsCandidate = kModes;
constexpr int kDerivedCandidate = kModes + 1;

}  // namespace

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
