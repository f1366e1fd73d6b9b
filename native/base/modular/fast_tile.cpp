#include "base/modular/fast_tile.h"

#include <algorithm>
#include <cstring>

#include "base/modular/fast_plan.h"

namespace veneer::modular::fast {

constexpr size_t kStateModels = kLevels * kFractions * kNodes + kShifts * kLowModels;

Tile::Tile(const Planes& planes, const Plan* plans)
    : width_(planes.width), height_(planes.height), count_(planes.count) {
  const size_t row = static_cast<size_t>(width_) + 2 * kMargin, rows = row * kRing * count_;
  samples_.resize(rows);
  errors_.resize(rows * kExperts);
  sizes_.resize(rows);
  signs_.assign(rows + static_cast<size_t>(width_), 1);
  const size_t biases = kTextures * kLevels + kSigns;
  numbers_.resize(static_cast<size_t>(width_) + biases * count_);
  models_.assign(kStateModels * count_, kFreshModel);
  for (int c = 0; c < count_; ++c) {
    PlaneState& s = planes_[c];
    const Plan& plan = plans[c];
    s.width = width_;
    s.height = height_;
    s.most = planes.most[plane_coded_as(planes, c)];
    s.middle = (s.most + 1) / 2;
    s.unit = plan.unit;
    for (int i = 0; i < pairs_of(c); ++i) {
      for (int k = 0; k < kExperts; ++k) std::copy_n(plan.weight[k % plan.experts] + 2 * i, 2, s.weight[i] + 2 * k);
    }
    std::copy_n(plan.energy, kMostFeatures, s.energy);
    for (int i = 0; i < kRing; ++i) {
      const size_t first = row * (c * kRing + i) + kMargin;
      s.sample[i] = samples_.data() + first;
      s.error[i] = errors_.data() + first * kExperts;
      s.size[i] = sizes_.data() + first;
      s.sign[i] = signs_.data() + first;
    }
    s.energy_row = numbers_.data();
    s.signs_row = signs_.data() + rows;
    int32_t* const bias = numbers_.data() + width_ + biases * c;
    s.texture_bias = reinterpret_cast<int32_t (*)[kLevels]>(bias);
    s.sign_bias = bias + kTextures * kLevels;
    BitModel* const models = models_.data() + kStateModels * c;
    s.model = reinterpret_cast<BitModel(*)[kFractions][kNodes]>(models);
    s.low = reinterpret_cast<BitModel(*)[kLowModels]>(models + kLevels * kFractions * kNodes);
  }
}

// To the left of a row is what the row above begins with.
void Tile::begin_row(int c, int y) {
  PlaneState& s = planes_[c];
  const int now = y & (kRing - 1), up = (y - 1) & (kRing - 1);
  std::fill_n(s.sample[now] - kMargin, kMargin, y > 0 ? s.sample[up][0] : int16_t{0});
  std::fill_n(s.size[now] - kMargin, kMargin, s.size[up][0]);
  std::fill_n(s.sign[now] - kMargin, kMargin, s.sign[up][0]);
  for (int i = 1; i <= kMargin; ++i) std::copy_n(s.error[up], kExperts, s.error[now] - i * kExperts);
}

// To the right of a row is what it ends with. Above the first row is the first again.
void Tile::end_row(int c, int y) {
  PlaneState& s = planes_[c];
  const int now = y & (kRing - 1), last = width_ - 1;
  std::fill_n(s.sample[now] + width_, kMargin, s.sample[now][last]);
  std::fill_n(s.size[now] + width_, kMargin, s.size[now][last]);
  for (int i = 0; i < kMargin; ++i) {
    std::copy_n(s.error[now] + last * kExperts, kExperts, s.error[now] + (width_ + i) * kExperts);
  }
  if (y > 0) return;
  const size_t whole = static_cast<size_t>(width_) + 2 * kMargin;
  for (int above : {kRing - 1, kRing - 2}) std::copy_n(s.sample[now] - kMargin, whole, s.sample[above] - kMargin);
}

// Below the last row is the last again.
void Tile::repeat_last_row(int c) {
  PlaneState& s = planes_[c];
  const int last = (height_ - 1) & (kRing - 1), below = height_ & (kRing - 1);
  const size_t whole = static_cast<size_t>(width_) + 2 * kMargin;
  std::copy_n(s.sample[last] - kMargin, whole, s.sample[below] - kMargin);
  std::copy_n(s.size[last] - kMargin, whole, s.size[below] - kMargin);
}

}  // namespace veneer::modular::fast
