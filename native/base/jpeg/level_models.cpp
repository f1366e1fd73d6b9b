#include "base/jpeg/level_models.h"

#include <algorithm>

#include "base/jpeg/level_tables.h"
#include "entropy/logistic.h"

namespace veneer::jpeg {

LevelModels::LevelModels(bool mixes) : models_(static_cast<size_t>(kLayout.count), kFreshModel) {
  const uint16_t* const warm = warm_models();
  for (int i = 0; i < kWarmModels; ++i) {
    const uint32_t p = static_cast<uint32_t>(warm[i] >> 5) << 11 | 1u << 10;  // middle of its class, in 22 bits
    if ((warm[i] & 31) != 0) models_[static_cast<size_t>(i)].state = p << 10 | (warm[i] & 31u);
  }
  std::fill_n(&loose_.exponents[0][0][0], sizeof loose_.exponents / sizeof(BitModel), kFreshModel);
  std::fill_n(&loose_.mantissas[0][0][0][0], sizeof loose_.mantissas / sizeof(BitModel), kFreshModel);
  if (!mixes) return;
  by_group_.resize(kGroups);
  for (int g = 0; g < kGroups; ++g) {
    for (int i = 0; i < kLogits; ++i)
      by_group_[static_cast<size_t>(g)].weight[i] = warm_weights()[g * kLogits + i] * 256;
  }
  by_shape_.resize(size_t{kGroups} * kShapes);
  PlaceWeights none = {};
  for (int i = 0; i < 33; ++i)
    none.correction[i] = kLogistic[static_cast<size_t>(std::clamp((i - 16) * 128, -2047, 2047) + kMaxLogit)];
  by_place_.assign(size_t{kGroups} * kShapes, none);
}

}  // namespace veneer::jpeg
