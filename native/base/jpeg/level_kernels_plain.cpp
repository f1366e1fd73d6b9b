// Reading levels of JPEG files without SIMD, and the choice between targets.
#define VENEER_TARGET levels_plain
#include "base/dct.h"
#include "base/jpeg/level_reading_inl.h"

namespace veneer::jpeg {

const LevelKernels& plain_level_kernels() { return levels_plain::kLevelKernels; }

const LevelKernels& level_kernels() {
  const LevelKernels* const avx2 = kernels_have_avx2() ? avx2_level_kernels() : nullptr;
  return avx2 != nullptr ? *avx2 : plain_level_kernels();
}

}  // namespace veneer::jpeg
