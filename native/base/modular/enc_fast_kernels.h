// Loops of the encoder of the fast form, one table per SIMD target: all give the same.
//
// Place: enc_fast.cpp and enc_fast_training.cpp call them; enc_fast_kernels_inl.h has them.
#pragma once
#include "base/modular/fast_state.h"

namespace veneer::modular::fast {

constexpr int kMostDecisions = 40;  // of a sample

constexpr int kProbeStep = 3;  // of samples whose errors are learnt from
constexpr int kMostUnknowns = 2 * kMostPairs;
constexpr int kBatch = 4;  // samples that are added at once

struct EncoderKernels {
  // Returns the number of decisions.
  size_t (*record_row)(uint32_t* decisions, PlaneState* planes, int c, int y);

  // features_of(c) numbers and the size of the error, for every kProbeStep-th sample; returns the end.
  int32_t* (*probe_row)(int32_t* numbers, PlaneState* planes, int c, int y);

  // Errors of the predictors in a row of known samples: pairs[i] is that of sample 0, weight as in PlaneState.
  void (*row_errors)(const int16_t* const* pairs, int count, const int16_t (*weight)[2 * kExperts],
                     const PlaneState& plane, const int16_t* samples, uint16_t* errors);

  // sums[r][i] += the sum over j of v[j][r] * weight[j] * v[j][i], for i <= r and a little beyond; whole numbers below 2^53.
  void (*add_products)(const double (*v)[kMostUnknowns], const double* weight, int count,
                       double (*sums)[kMostUnknowns]);
};

// Null where the build has no AVX2.
const EncoderKernels* avx2_encoder_kernels();
// Those of the target of kernels(), base/dct.h.
const EncoderKernels& encoder_kernels();

}  // namespace veneer::modular::fast
