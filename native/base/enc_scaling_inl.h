// Loops over coefficients of a block, compiled for several targets by enc_fast_quantize.cpp and enc_scaling_avx2.cpp.
//
// Integers, and products of floats that are rounded once: the same on every machine.
#pragma once
#include <cstdint>
#include <cstring>

// |coef| inverse relative, magnitudes in 1/256 steps. relative may be null: 1.
template <bool kRelative>
static inline int32_t scaled_magnitude(const int32_t* coef, const float* relative, int i, float inverse) {
  float scaled = static_cast<float>(coef[i] < 0 ? -coef[i] : coef[i]) * inverse;
  if (kRelative) scaled *= relative[i];
  return static_cast<int32_t>(scaled);
}

// Sum of log2(1 + slope x^2) in 1/256 over magnitudes x in steps. count: a multiple of 16.
template <bool kRelative>
static inline int32_t log_sum(const int32_t* coef, const float* relative, int count, float inverse, int slope) {
  constexpr int32_t kOne = (127 + 8) << 8;  // of the float 256
  int32_t sum = 0;
  for (int i = 0; i < count; ++i) {
    int32_t a = scaled_magnitude<kRelative>(coef, relative, i, inverse);
    a = a > 16383 ? 16383 : a;
    const float value = static_cast<float>(256 + ((a * a) >> 8) * slope);
    int32_t bits;
    std::memcpy(&bits, &value, sizeof bits);
    sum += (bits >> 15) - kOne;
  }
  return sum;
}

// Writes the magnitudes; returns the weighted squares of those below half a step, and the largest one.
template <bool kRelative>
static inline int32_t scale_block(const int32_t* coef, const float* relative, int count, float inverse, int weight,
                                  int32_t* out, int32_t* largest) {
  int32_t sum = 0, most = 0;
  for (int i = 0; i < count; ++i) {
    const int32_t a = scaled_magnitude<kRelative>(coef, relative, i, inverse);
    out[i] = a;
    most = a > most ? a : most;
    const int32_t small = a < 128 ? a : 0;
    sum += (small * small * weight) >> 16;
  }
  *largest = most;
  return sum;
}

#define VENEER_SCALING_FUNCTIONS(suffix)                                                                         \
  int32_t log_sum_##suffix(const int32_t* coef, const float* relative, int count, float inverse, int slope) {    \
    return relative ? log_sum<true>(coef, relative, count, inverse, slope)                                       \
                    : log_sum<false>(coef, relative, count, inverse, slope);                                     \
  }                                                                                                              \
  int32_t scale_block_##suffix(const int32_t* coef, const float* relative, int count, float inverse, int weight, \
                               int32_t* out, int32_t* largest) {                                                 \
    return relative ? scale_block<true>(coef, relative, count, inverse, weight, out, largest)                    \
                    : scale_block<false>(coef, relative, count, inverse, weight, out, largest);                  \
  }
