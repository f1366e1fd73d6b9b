// Encoder only: the choice of prediction, transform and levels of one leaf.
#include <algorithm>
#include <cstdlib>
#include <cstring>

#include "enc_search.h"

namespace veneer {
namespace {

constexpr int64_t kNever = int64_t{1} << 60;
constexpr int kBlockSamples = kMaxBlock * kMaxBlock;

void subtract(const int16_t* source, ptrdiff_t stride, const int16_t* prediction, int w, int h, int16_t* out) {
  for (int y = 0; y < h; ++y) {
    for (int x = 0; x < w; ++x) out[y * w + x] = static_cast<int16_t>(source[y * stride + x] - prediction[y * w + x]);
  }
}

}  // namespace

int SuperblockSearch::mode_cost(const Leaf& leaf, int mode) const {
  const EdgeUnit *above = tile_.above(leaf.tree, leaf.x, leaf.y), *before = tile_.before(leaf.tree, leaf.x, leaf.y);
  const int large = leaf.log2_w + leaf.log2_h > 6;
  int a = above ? above->mode : kModeNone;
  const int b = before ? before->mode : kModeNone;
  if (leaf.tree == kChromaTree) {
    const int x = (leaf.x + (1 << leaf.log2_w) / 2) / kUnit % kSuperblockUnits;
    const int y = (leaf.y + (1 << leaf.log2_h) / 2) / kUnit % kSuperblockUnits;
    a = tile_.luma_mode[y][x];
  }
  return costs_.tree(tile_.models->mode[leaf.tree][large][a][b], 4, mode);
}

int SuperblockSearch::cfl_flag_cost(const Leaf& leaf, int flag) const {
  const EdgeUnit *above = tile_.above(leaf.tree, leaf.x, leaf.y), *before = tile_.before(leaf.tree, leaf.x, leaf.y);
  const int size = std::min(2, (leaf.log2_w + leaf.log2_h - 4) / 3);
  return costs_.bit(tile_.models->cfl[size][(above && above->cfl) + (before && before->cfl)], flag);
}

int SuperblockSearch::alpha_cost(const int8_t* alpha) const {
  const int sign = alpha[0] == 0 ? 0 : alpha[0] < 0 ? 1 : 2;
  return costs_.tree(tile_.models->alpha[0][0], 5, alpha[0] + 16) +
         costs_.tree(tile_.models->alpha[1][sign], 5, alpha[1] + 16);
}

// Half a sum of absolute Hadamard coefficients over the step, in 1/256 bits: about three bits a level.
int64_t SuperblockSearch::satd_cost(int64_t satd, int step_index) const {
  const int64_t step = std::max<int64_t>(
      1, (static_cast<int64_t>(kStepMantissa[step_index & 15]) << (step_index >> 4)) >> 8);  // 2^8 x quarter levels
  return satd * (settings_.satd_weight * 128 * 256) / step;
}

// Distortion of the frequencies above 32 of a 64x64 block, which are not coded: by Parseval, what the residual has
// more than the coefficients.
int64_t SuperblockSearch::uncoded_energy_cost(const int16_t* residual, const int32_t* coef, int step_index) const {
  int64_t samples = 0, coded = 0;
  for (int i = 0; i < kBlockSamples; ++i) samples += residual[i] * residual[i];
  for (int i = 0; i < kMaxFrequencies * kMaxFrequencies; ++i) {
    coded += static_cast<int64_t>(coef[i]) * coef[i] >> 4;  // 256^2 / 4096 = 2^4 for an energy in samples
  }
  const int64_t uncoded = std::max<int64_t>(0, samples - coded);
  const int64_t step = std::max<int64_t>(1, (static_cast<int64_t>(kStepMantissa[step_index & 15]) << (step_index >> 4)) >> 8);
  // (levels in 1/256)^2 x weight / 2^16, the step in 1/256 quarter levels.
  return static_cast<int64_t>(static_cast<double>(uncoded) * settings_.rdo.distortion_weight * 65536.0 /
                              (static_cast<double>(step) * static_cast<double>(step)));
}

// Least squares of the source chroma against the decoded luma, in eighths.
int SuperblockSearch::best_alpha(const Leaf& leaf, int plane_of_tree) const {
  const int w = 1 << leaf.log2_w, h = 1 << leaf.log2_h;
  int64_t sum_l = 0, sum_c = 0, sum_ll = 0, sum_lc = 0;
  for (int y = 0; y < h; ++y) {
    const int16_t* luma = tile_.at(0, leaf.x, leaf.y + y);
    const int16_t* chroma = source_.at(1 + plane_of_tree, leaf.x, leaf.y + y);
    int row_l = 0, row_c = 0, row_ll = 0, row_lc = 0;
    for (int x = 0; x < w; ++x) {
      row_l += luma[x];
      row_c += chroma[x];
      row_ll += luma[x] * luma[x];
      row_lc += luma[x] * chroma[x];
    }
    sum_l += row_l;
    sum_c += row_c;
    sum_ll += row_ll;
    sum_lc += row_lc;
  }
  const int64_t variance = sum_ll * w * h - sum_l * sum_l, covariance = sum_lc * w * h - sum_l * sum_c;
  if (variance <= 0) return 0;
  const int64_t twice = 16 * covariance;
  const int64_t alpha = (twice >= 0 ? twice + variance : twice - variance) / (2 * variance);
  return static_cast<int>(std::clamp<int64_t>(alpha, -16, 15));
}

void SuperblockSearch::commit(const Leaf& leaf, const QuantizedBlock* const* blocks, Plan* plan) {
  alignas(64) int16_t coef[kMaxFrequencies * kMaxFrequencies] = {};
  const BlockShape& shape = leaf.shape();
  UnitCells cells[2];
  for (int p = 0; p < leaf.planes(); ++p) {
    const QuantizedBlock& block = *blocks[p];
    const int64_t scale = step_scale(tile_.leaf_step_position(leaf, p));
    for (int i = 0; i < block.count; ++i) coef[shape.scan[i]] = dequantize(block.level[i], scale);
    cells_of_levels(shape, block.level, block.count, &cells[p]);
    tile_.reconstruct(leaf, p, coef);
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
  return tree == kLumaTree ? luma_leaf(leaf, plan) : chroma_leaf(leaf, plan);
}

int64_t SuperblockSearch::luma_leaf(Leaf& leaf, Plan* plan) {
  const BlockShape& shape = leaf.shape();
  const int w = shape.w, h = shape.h;
  const int16_t* source = source_.at(0, leaf.x, leaf.y);
  alignas(64) int16_t prediction[kBlockSamples], residual[kBlockSamples];
  alignas(64) int32_t coef[kMaxFrequencies * kMaxFrequencies];
  Edges edges;
  tile_.gather_edges(0, leaf.x, leaf.y, w, h, &edges);
  const int index = tile_.leaf_step_index(leaf, 0);

  // Rank the predictions by a cheap measure.
  struct Ranked {
    int64_t cost;
    int mode;
  } ranked[kModes];
  const int modes = settings_.directions ? kModes : 3;
  for (int mode = 0; mode < modes; ++mode) {
    predict(mode, edges, leaf.log2_w, leaf.log2_h, prediction, w);
    const int64_t satd = kernels().satd(source, source_.stride, prediction, w, w, h);
    ranked[mode] = {satd_cost(satd, index) + mode_cost(leaf, mode), mode};
  }
  std::sort(ranked, ranked + modes, [](const Ranked& a, const Ranked& b) {
    return a.cost != b.cost ? a.cost < b.cost : a.mode < b.mode;
  });

  Expectation expected;
  tile_.expect(kLumaTree, 0, leaf.x, leaf.y, shape, &expected);
  const int empty_context = tile_.empty_context(leaf, 0);
  const int position = step_position(index, shape);
  QuantizedBlock blocks[2];
  QuantizedBlock *best = &blocks[0], *trial = &blocks[1];
  int64_t best_cost = kNever;
  Leaf chosen = leaf;
  for (int k = 0; k < std::min(settings_.full_modes, modes); ++k) {
    const int mode = ranked[k].mode;
    if (k > 0 && ranked[k].cost * 256 > ranked[0].cost * settings_.mode_margin) break;
    predict(mode, edges, leaf.log2_w, leaf.log2_h, prediction, w);
    subtract(source, source_.stride, prediction, w, h, residual);
    const int prediction_cost = mode_cost(leaf, mode);
    for (int alternative = 0; alternative < 2; ++alternative) {
      if (alternative && (!settings_.alternatives || leaf.log2_w > 4 || leaf.log2_h > 4)) break;
      const TxPair tx = alternative ? alternative_transform(mode) : TxPair{Tx::kDct, Tx::kDct};
      kernels().forward(residual, w, leaf.log2_w, leaf.log2_h, tx.horizontal, tx.vertical, coef);
      quantize_block(*tile_.models, costs_, settings_.rdo, shape, 0, expected, empty_context, coef, position, trial);
      int64_t cost = trial->cost + prediction_cost;
      if (leaf.log2_w == 6) cost += uncoded_energy_cost(residual, coef, index);
      if (trial->count > 0 && leaf.log2_w <= 4 && leaf.log2_h <= 4) {
        cost += costs_.bit(tile_.models->transform[std::max(leaf.log2_w, leaf.log2_h) - 2][mode], alternative);
      } else if (alternative) {
        break;
      }
      if (cost < best_cost) {
        best_cost = cost;
        chosen.mode = static_cast<uint8_t>(mode);
        chosen.alternative = static_cast<uint8_t>(alternative);
        chosen.count[0] = static_cast<int16_t>(trial->count);
        std::swap(best, trial);
      }
    }
  }
  leaf = chosen;
  const QuantizedBlock* const kept[1] = {best};
  commit(leaf, kept, plan);
  return best_cost;
}

int64_t SuperblockSearch::chroma_leaf(Leaf& leaf, Plan* plan) {
  const BlockShape& shape = leaf.shape();
  const int w = shape.w, h = shape.h;
  alignas(64) int16_t prediction[kBlockSamples], residual[kBlockSamples];
  alignas(64) int32_t coef[kMaxFrequencies * kMaxFrequencies];
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

  // Candidate kModes is chroma from luma.
  const auto predict_candidate = [&](int candidate, int p, int16_t* out) {
    if (candidate == kModes) {
      predict_from_luma(alpha[p], edges[p], tile_.at(0, leaf.x, leaf.y), tile_.stride, leaf.log2_w, leaf.log2_h, out, w);
    } else {
      predict(candidate, edges[p], leaf.log2_w, leaf.log2_h, out, w);
    }
  };
  const auto side_cost = [&](int candidate) {
    return candidate == kModes ? cfl_flag_cost(leaf, 1) + alpha_cost(alpha)
                               : cfl_flag_cost(leaf, 0) + mode_cost(leaf, candidate);
  };
  struct Ranked {
    int64_t cost;
    int candidate;
  } ranked[kModes + 1];
  int count = 0;
  for (int candidate = kModes; candidate >= 0; --candidate) {
    if (candidate == kModes ? (alpha[0] == 0 && alpha[1] == 0) : (candidate > kPaeth && !settings_.directions)) continue;
    int64_t cost = side_cost(candidate);
    for (int p = 0; p < 2; ++p) {
      predict_candidate(candidate, p, prediction);
      cost += satd_cost(kernels().satd(source_.at(1 + p, leaf.x, leaf.y), source_.stride, prediction, w, w, h), index[p]);
    }
    ranked[count++] = {cost, candidate};
  }
  std::sort(ranked, ranked + count, [](const Ranked& a, const Ranked& b) {
    return a.cost != b.cost ? a.cost < b.cost : a.candidate < b.candidate;
  });

  QuantizedBlock blocks[4];
  QuantizedBlock *best[2] = {&blocks[0], &blocks[1]}, *trial[2] = {&blocks[2], &blocks[3]};
  int64_t best_cost = kNever;
  Leaf chosen = leaf;
  for (int k = 0; k < std::min(settings_.chroma_modes, count); ++k) {
    const int candidate = ranked[k].candidate;
    if (k > 0 && ranked[k].cost * 256 > ranked[0].cost * settings_.mode_margin) break;
    int64_t cost = side_cost(candidate);
    Leaf tried = leaf;
    tried.cfl = candidate == kModes;
    tried.mode = static_cast<uint8_t>(tried.cfl ? kModeNone : candidate);
    for (int p = 0; p < 2; ++p) {
      tried.alpha[p] = tried.cfl ? alpha[p] : int8_t{0};
      predict_candidate(candidate, p, prediction);
      subtract(source_.at(1 + p, leaf.x, leaf.y), source_.stride, prediction, w, h, residual);
      kernels().forward(residual, w, leaf.log2_w, leaf.log2_h, Tx::kDct, Tx::kDct, coef);
      quantize_block(*tile_.models, costs_, settings_.rdo, shape, 1 + p, expected[p], tile_.empty_context(tried, p), coef,
                     step_position(index[p], shape), trial[p]);
      tried.count[p] = static_cast<int16_t>(trial[p]->count);
      cost += trial[p]->cost;
      if (leaf.log2_w == 6) cost += uncoded_energy_cost(residual, coef, index[p]);
    }
    if (cost < best_cost) {
      best_cost = cost;
      chosen = tried;
      std::swap(best[0], trial[0]);
      std::swap(best[1], trial[1]);
    }
  }
  leaf = chosen;
  const QuantizedBlock* const kept[2] = {best[0], best[1]};
  commit(leaf, kept, plan);
  return best_cost;
}

}  // namespace veneer
