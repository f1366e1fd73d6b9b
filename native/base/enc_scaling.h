// The targets of enc_scaling_inl.h.
#pragma once
#include <cstdint>

namespace veneer {

int32_t log_sum_plain(const int32_t* coef, const float* relative, int count, float inverse, int slope);
int32_t scale_block_plain(const int32_t* coef, const float* relative, int count, float inverse, int weight,
                          int32_t* out, int32_t* largest);
// As the others where the build has no AVX2.
int32_t log_sum_avx2(const int32_t* coef, const float* relative, int count, float inverse, int slope);
int32_t scale_block_avx2(const int32_t* coef, const float* relative, int count, float inverse, int weight, int32_t* out,
                         int32_t* largest);

}  // namespace veneer
