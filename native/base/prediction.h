// Intra prediction of a block from the decoded samples above and to the left of it.
// Source: docs/format.md, "Prediction".
#pragma once
#include <cstddef>
#include <cstdint>

#include "contexts.h"
#include "dct.h"
#include "sample_range.h"

namespace veneer {

enum Mode : uint8_t {
  kDc = 0,
  kPlanar = 1,
  kPaeth = 2,
  kVertical = 3,     // 3..12: directions 9 degrees apart from the samples above; slopes in prediction.cpp
  kHorizontal = 13,  // 13..22: the same from the samples to the left
  kPureVertical = 7,
  kPureHorizontal = 18,
};

// Context class: no direction, vertical family, horizontal family, none.
inline int mode_family(int mode) { return mode < kVertical ? 0 : mode < kHorizontal ? 1 : mode < kModes ? 2 : 3; }

// Samples around a block, with room for directions that reach beyond the ends.
class Edges {
 public:
  static constexpr int kBefore = kMaxBlock + 16;
  static constexpr int kLength = kBefore + 2 * kMaxBlock + 16;

  // top()[0] is above the block's first column; [-1] is the corner. 2 * max(w, h) samples and some more are valid.
  int16_t* top() { return top_ + kBefore; }
  int16_t* left() { return left_ + kBefore; }
  const int16_t* top() const { return top_ + kBefore; }
  const int16_t* left() const { return left_ + kBefore; }

  // at: the block's first sample in a plane; counts of available samples along the top (from column 0) and the left
  // (from row 0), each 0 if that side is unavailable; `middle` is predicted where nothing is available.
  void gather(const int16_t* at, ptrdiff_t stride, int w, int h, int top_count, int left_count, bool corner,
              int16_t middle);

 private:
  alignas(64) int16_t top_[kLength];
  alignas(64) int16_t left_[kLength];
};

// Writes the prediction of a 2^log2_w x 2^log2_h block.
void predict(int mode, const Edges& edges, int log2_w, int log2_h, int16_t* out, ptrdiff_t stride);

// Whether samples of a prediction may leave the range of its edges: gradients are added, or a filter has lobes.
inline bool may_overshoot(int mode, int log2_w, int log2_h) {
  if (mode == kDc || mode == kPlanar || mode == kPaeth) return false;
  return mode == kPureVertical || mode == kPureHorizontal || log2_w + log2_h < 6;
}

// Chroma from luma: DC prediction plus alpha / 8 times the block's decoded luma less its mean. alpha in -16..15.
void predict_from_luma(int alpha, const Edges& edges, const int16_t* luma, ptrdiff_t luma_stride, int log2_w,
                       int log2_h, int widest, int16_t* out, ptrdiff_t stride);

// The rim of a block: the samples above its first row and to the left of its first column.
struct Rim {
  static constexpr int kLength = 2 * kMaxBlock;
  alignas(64) int16_t sample[3][kLength];  // [plane], above first; less the mean, without the extra binary places
  int mean[3];
  int count;   // 0: none
  int widest;  // of Co and Cg
};

// Gathers the rim of three planes of one stride; the arguments point to the first sample of the block.
void gather_rim(const int16_t* const at[3], ptrdiff_t stride, int w, int h, bool above, bool left,
                const SampleRange& range, Rim* rim);

// Chroma predicted without factors: slopes over Y, and for Cg over Co too, in 1/256.
struct DerivedSlopes {
  int luma, co;
};
DerivedSlopes derived_slopes(const Rim& rim, int plane_of_tree);
// luma, co: the reconstructed samples in the place of the block.
void predict_derived(const Rim& rim, int plane_of_tree, const int16_t* luma, const int16_t* co, ptrdiff_t plane_stride,
                     int log2_w, int log2_h, int16_t* out, ptrdiff_t stride);

// The transforms along rows and along columns of each alternative: sine transforms where the distance from the
// predicting samples grows.
struct TxPair {
  Tx horizontal, vertical;
};
constexpr int kAlternatives = 4;
inline TxPair transform_pair(int alternative) {
  constexpr TxPair kPairs[kAlternatives] = {
      {Tx::kDct, Tx::kDct}, {Tx::kDst, Tx::kDst}, {Tx::kDct, Tx::kDst}, {Tx::kDst, Tx::kDct}};
  return kPairs[alternative];
}

}  // namespace veneer
