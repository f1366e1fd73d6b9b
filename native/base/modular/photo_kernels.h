// What takes the time of the photo form: regressions, distributions, mixing. A function table per SIMD target.
//
// Place: beneath photo_coder.h. Every target gives the same bits.
// Source: docs/format.md, "Photo form".
#pragma once
#include <cstddef>
#include <cstdint>

namespace veneer::modular {

// Linear prediction by least squares over what is known around a sample, all in integers.
//
// Statistics are kept for blocks of four samples of a row: the products of the features of a sample with each other and
// with what was to be predicted, summed with weights that fall off to the left, to the right in the rows above, and
// upwards. Where a block begins, the weights of the prediction take two steps towards the least squares: each in turn
// becomes what is best with the others as they are (Gauss and Seidel). So nothing is ever inverted, and whatever
// the data, no number leaves its range:
//
//     features in the statistics       |q| <= 1023
//     sums over a block                <= 4 * 1023^2 < 2^22
//     a column of blocks               < 2^22 * 16 = 2^26                (rows decay by at least 1/16 a row)
//     to the left, and to the right    < 2^26 * 8 = 2^29 each            (by at least 1/8 a block)
//     weights                          |w| < 2^19, where 2^16 is 1
constexpr int kBlock = 4;        // samples between two moves of the weights
constexpr int kRegressions = 3;  // of a plane
constexpr int kRegressionTaps[kRegressions] = {16, 8, 24};
constexpr int kFirstTap[kRegressions] = {0, 16, 24};  // of each regression among those of all
constexpr int kAllTaps = 48;

// Sums of a block in a regression of n features: of the products of all features with each other, row after row, then
// of those with the target.
constexpr int sums_of(int n) { return n * n + n; }

struct Regression {
  int32_t* columns;  // of each block: what is above and in it
  int32_t* right;    // of each block and one more: those of it and to its right, as of the row above
  int32_t* left;     // those to the left
};

// About 1 / x: multiplier / 2^(12 + shift), with 2050 <= multiplier <= 4096.
struct Inverse {
  int32_t multiplier;
  int32_t shift;
};

// Samples of a block, as regressions learn them. Behind `count` they have values of a block before, or 0 at first: kernels
// multiply them too, and leave the products out.
struct alignas(32) BlockSamples {
  int32_t features[kBlock][kAllTaps] = {};
  int32_t targets[kBlock] = {};
  Inverse scales[kBlock] = {};
  int count = 0;
};

constexpr int kDistributions = 8;

// Logistic distributions of a sample: centres in 1/64 of a level, scales in 1/512, and inverses of scales so that a
// distance in 1/64 times the inverse is a logit in 1/2^24. Beyond `limit` logits do not grow.
struct alignas(32) Distributions {
  int32_t centre[kDistributions], scale[kDistributions], inverse[kDistributions], limit[kDistributions];
};

constexpr int kInputs = 16;  // logits that are mixed: of distributions, of models, a constant, and one that is always 0

struct PhotoKernels {
  // Before the first sample of a row of so many blocks.
  void (*begin_row)(const Regression* regressions, int blocks);

  // Before the first sample of a block: moves the weights, kAllTaps of them.
  void (*begin_block)(const Regression* regressions, int block, int32_t* weights);

  // After the last sample of a block.
  void (*end_block)(const Regression* regressions, int block, const BlockSamples& samples);

  // Sums of weights and features of each regression.
  void (*predict)(const int32_t* weights, const int32_t* features, int64_t* sums);

  // Weighted errors around a sample, in 1/512 of a level: `errors` at the sample, and in the two rows above it, with 8
  // values a sample.
  void (*activity)(const uint16_t* errors, const uint16_t* up, const uint16_t* up2, int32_t* out);

  // Fills in what follows from the scales, which lie in 51 .. 2^24.
  void (*invert_scales)(Distributions* distributions);

  // Logits of the sample lying above a place between two levels, in 1/64.
  void (*above)(const Distributions& distributions, int32_t place, int32_t* logits);

  // Logits of the sample lying `levels` levels beyond a place, given that it lies beyond it. direction: 1 upwards, -1
  // downwards.
  void (*beyond)(const Distributions& distributions, int32_t place, int32_t direction, int32_t levels, int32_t* logits);

  // The mean of logits with two sets of weights added, in 1/2^16 of a logit's unit.
  int32_t (*mix)(const int32_t* a, const int32_t* b, const int32_t* logits);

  // Moves both sets of weights; error is 65536 times the decision, less its probability.
  void (*adapt)(int32_t* a, int32_t* b, const int32_t* logits, int32_t error);
};

const PhotoKernels& plain_photo_kernels();
// Null where the build has no AVX2.
const PhotoKernels* avx2_photo_kernels();

// Those of the target of kernels(), base/dct.h.
const PhotoKernels& photo_kernels();

}  // namespace veneer::modular
