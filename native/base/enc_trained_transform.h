// Forward trained transform.
#pragma once
#include <cstdint>

namespace veneer {

// The inverse matrix of trained_inverse(), which rounding makes other than the transposed one; coefficients as those of
// EncoderKernels::forward, in place.
void trained_forward(int mode, int32_t* coef);

}  // namespace veneer
