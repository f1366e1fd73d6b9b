// Encoder only: predictions of a leaf by rising estimate of their cost, for the searches of luma and chroma.
#pragma once
#include <cstdint>

#include "enc_search.h"

namespace veneer {

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

}  // namespace veneer
