// What decisions about levels have taught so far: adaptive models, sets of weights, and final corrections.
//
// Everything lies in flat arrays; tables of contexts follow each other. The first table of each kind of decision, and the
// first set of weights of each group, begin as tables of the specification say; a model of another table begins as the
// model of the first table does when it is met.
// Source: docs/format.md, "Levels".
#pragma once
#include <cstddef>
#include <cstdint>
#include <vector>

#include "common/memory.h"
#include "entropy/adaptive.h"
#include "entropy/mixer.h"

namespace veneer::jpeg {

constexpr int kClasses = 3;              // of components: luma, Cb, Cr
constexpr int kLogits = 8;               // of a decision: those of up to 7 models, and a constant
constexpr int kTaps = 40;                // numbers that a level is predicted from
constexpr uint32_t kInheritedCount = 3;  // decisions that a model counts as seen where it begins as another

using Weights = WeightsOf<kLogits>;
using CountedWeights = CountedWeightsOf<kLogits>;

enum Kind { kLevel, kSign, kInner, kEdge, kDc, kKinds };

constexpr int kMostTables = kLogits - 1;
constexpr int kTables[kKinds] = {7, 7, 6, 6, 7};
constexpr int kNodes[kKinds] = {8, 4, 64, 8, 32};  // models of a context
constexpr int kContexts[kKinds][kMostTables] = {
    {3 * 64 * 16, 3 * 24 * 12 * 2, 3 * 64 * 10, 3 * 12 * 8 * 10, 3 * 12 * 12 * 4, 3 * 12 * 64, 3 * 9 * 5 * 8},
    {3 * 20 * 8 * 2, 3 * 64 * 9, 3 * 2 * 256, 3 * 81 * 8, 3 * 64 * 9 * 4, 3 * 32 * 32, 3 * 40 * 4},
    {3 * 50, 3 * 144, 3 * 144, 3 * 50 * 12, 3 * 144, 3 * 8 * 50},
    {3 * 2 * 12 * 8, 3 * 2 * 64 * 12, 3 * 2 * 512, 3 * 2 * 512, 3 * 2 * 64 * 8, 3 * 2 * 64},
    {3 * 32, 3 * 32 * 24, 3 * 16 * 20, 3 * 10 * 32, 3 * 17 * 16, 3 * 15 * 16, 3 * 16 * 16}};

struct Layout {
  int first[kKinds][kMostTables];  // model of each table
  int count;                       // models
};
constexpr Layout make_layout() {
  Layout layout{};
  int at = 0;
  // Tables that are warm come first, one after the other.
  for (int kind = 0; kind < kKinds; ++kind) {
    layout.first[kind][0] = at;
    at += kContexts[kind][0] * kNodes[kind];
  }
  for (int kind = 0; kind < kKinds; ++kind) {
    for (int i = 1; i < kTables[kind]; ++i) {
      layout.first[kind][i] = at;
      at += kContexts[kind][i] * kNodes[kind];
    }
  }
  layout.count = at;
  return layout;
}
constexpr Layout kLayout = make_layout();
constexpr int kWarmModels = kLayout.first[kLevel][1];

// Groups of decisions, each with its sets of weights: by class of component (luma, chroma) and
constexpr int kLevelGroups = 2 * 8;  // edge or not, node
constexpr int kSignGroups = 2 * 4;   // edge or not, node
constexpr int kInnerGroups = 6;      // bit
constexpr int kEdgeGroups = 2 * 3;   // row or column, bit
constexpr int kDcGroups = 32;        // node
constexpr int kGroups = 2 * (kLevelGroups + kSignGroups + kInnerGroups + kEdgeGroups + kDcGroups);
constexpr int kShapes = 64;  // choices of the second set of weights in a group, and of the third

// The third set of weights of a place, and what corrects its probabilities: values at logits -2048, -1920 .. 2048, linear
// between them.
struct alignas(64) PlaceWeights : Weights {
  uint16_t correction[33];
};

struct alignas(32) GroupWeights : CountedWeights {};

// Models without tables of contexts.
struct LooseModels {
  BitModel exponents[kClasses][2][16];     // by edge or not, and exponent
  BitModel mantissas[kClasses][2][16][4];  // and by the bits before
};

// Where everything lies.
struct LevelState {
  BitModel* models;
  GroupWeights* by_group;  // these three: null in the fast form
  Weights* by_shape;
  PlaceWeights* by_place;
  LooseModels* loose;
};

class LevelModels {
 public:
  explicit LevelModels(bool mixes);

  LevelState state() { return {models_.data(), by_group_.data(), by_shape_.data(), by_place_.data(), &loose_}; }

 private:
  // A context's models do not straddle cache lines that they need not.
  std::vector<BitModel, Allocator<BitModel, 64>> models_;
  Vector<GroupWeights> by_group_;
  std::vector<Weights, Allocator<Weights, 64>> by_shape_;
  Vector<PlaceWeights> by_place_;
  LooseModels loose_;
};

}  // namespace veneer::jpeg
