// Loops of the fast quantizer for AVX2.
#include "base/enc_scaling.h"
#include "base/enc_scaling_inl.h"

namespace veneer {

VENEER_SCALING_FUNCTIONS(avx2)

}  // namespace veneer
