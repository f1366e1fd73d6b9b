// Encoder only: the choice for one leaf of luma at low efforts: few directions are tried, and only candidates whose
// estimated cost is near the best are quantized.
#include <algorithm>

#include "enc_search.h"

namespace veneer {
namespace {

constexpr int64_t kNever = int64_t{1} << 60;
constexpr int kBlockSamples = kMaxBlock * kMaxBlock;
constexpr int kMostTried = 4;  // predictions and transforms

// The best few of the modes by rising cost, ties in the order of insertion.
class Best {
 public:
  explicit Best(int most) : most_(most) {}
  void add(int64_t cost, int mode) {
    int at = std::min(count_, most_);
    if (at == most_ && cost >= cost_[at - 1]) return;
    if (at == most_) --at;
    for (; at > 0 && cost_[at - 1] > cost; --at) {
      cost_[at] = cost_[at - 1];
      mode_[at] = mode_[at - 1];
    }
    cost_[at] = cost;
    mode_[at] = mode;
    count_ = std::min(count_ + 1, most_);
  }
  int count() const { return count_; }
  int mode(int i) const { return mode_[i]; }
  int64_t cost(int i) const { return cost_[i]; }

 private:
  int most_, count_ = 0;
  int mode_[kMostTried] = {};
  int64_t cost_[kMostTried] = {};
};

struct Tried {
  int64_t cost;
  uint8_t mode, alternative;
  int buffer;
};

}  // namespace

int64_t SuperblockSearch::fast_luma_leaf(Leaf& leaf, Plan* plan) {
  const BlockShape& shape = leaf.shape();
  const int w = shape.w, h = shape.h;
  const int16_t* source = source_.at(0, leaf.x, leaf.y);
  alignas(64) int16_t prediction[kBlockSamples], residual[kBlockSamples];
  alignas(64) int32_t coefs[kMostTried][kMaxFrequencies * kMaxFrequencies];
  Edges edges;
  tile_.gather_edges(0, leaf.x, leaf.y, w, h, &edges);
  const int index = tile_.leaf_step_index(leaf, 0);
  int side[kModes];
  mode_costs(leaf, side);

  Best ranked(settings_.full_modes);
  bool done[kModes + 1] = {};
  int64_t best_direction = kNever;
  int direction = kVertical;
  const auto look = [&](int mode) {
    if (mode < 0 || mode >= kModes || done[mode]) return;
    done[mode] = true;
    predict(mode, edges, leaf.log2_w, leaf.log2_h, prediction, w);
    const int64_t cost = satd_cost(kernels_.satd(source, source_.stride, prediction, w, w, h), index) + side[mode];
    ranked.add(cost, mode);
    if (mode >= kVertical && cost < best_direction) {
      best_direction = cost;
      direction = mode;
    }
  };
  for (int mode = kDc; mode <= kPaeth; ++mode) look(mode);
  if (settings_.directions != Directions::kNone) {
    for (int mode : {3, 5, 7, 9, 11, 14, 16, 18, 20, 22}) look(mode);
    const int centre = direction;
    for (int mode : {centre - 1, centre + 1}) {
      if (mode >= kVertical) look(mode);
    }
  }

  const int position = tile_.leaf_step_position(leaf, 0) + settings_.step_offset;
  const bool alternatives = may_alternate(leaf) && settings_.alternatives != Alternatives::kNone;
  Tried tried[kMostTried];
  int count = 0;
  for (int k = 0; k < ranked.count(); ++k) {
    const int mode = ranked.mode(k);
    if (k > 0 && ranked.cost(k) * 256 > ranked.cost(0) * settings_.mode_margin) break;
    predict(mode, edges, leaf.log2_w, leaf.log2_h, prediction, w);
    kernels_.subtract(source, source_.stride, prediction, w, h, residual);
    for (int alternative : {0, plain_alternative(leaf, mode)}) {
      if (count == kMostTried || (alternative && !alternatives)) break;
      forward_transform(kernels_, leaf, mode, alternative, residual, coefs[count]);
      int64_t cost = fast_.estimate(coefs[count], shape, position) + side[mode];
      if (leaf.log2_w == 6) cost += uncoded_energy_cost(residual, coefs[count], index);
      if (may_alternate(leaf)) cost += alternative_cost(leaf, mode, alternative);
      const int buffer = count++;
      int at = buffer;
      for (; at > 0 && tried[at - 1].cost > cost; --at) tried[at] = tried[at - 1];
      tried[at] = {cost, static_cast<uint8_t>(mode), static_cast<uint8_t>(alternative), buffer};
    }
  }

  Expectation expected;
  tile_.expect(kLumaTree, 0, leaf.x, leaf.y, shape, &expected);
  QuantizedBlock blocks[2];
  QuantizedBlock *best = &blocks[0], *trial = &blocks[1];
  int64_t best_cost = kNever;
  Leaf chosen = leaf;
  for (int k = 0; k < count; ++k) {
    if (k > 0 && (tried[k].cost - tried[0].cost) * 256 > tried[0].cost * settings_.estimate_margin) break;
    const int32_t* coef = coefs[tried[k].buffer];
    quantize(leaf, 0, expected, coef, false, trial);
    if (trial->count == 0 && tried[k].alternative && k > 0) continue;
    int64_t cost = trial->cost + side[tried[k].mode];
    if (leaf.log2_w == 6) {
      predict(tried[k].mode, edges, leaf.log2_w, leaf.log2_h, prediction, w);
      kernels_.subtract(source, source_.stride, prediction, w, h, residual);
      cost += uncoded_energy_cost(residual, coef, index);
    }
    if (trial->count > 0 && may_alternate(leaf)) {
      cost += alternative_cost(leaf, tried[k].mode, tried[k].alternative);
    }
    if (cost < best_cost) {
      best_cost = cost;
      chosen.mode = tried[k].mode;
      chosen.alternative = trial->count > 0 ? tried[k].alternative : uint8_t{0};
      chosen.count[0] = static_cast<int16_t>(trial->count);
      std::swap(best, trial);
    }
  }
  leaf = chosen;
  const QuantizedBlock* const kept[1] = {best};
  commit(leaf, kept, plan);
  return best_cost;
}

}  // namespace veneer
