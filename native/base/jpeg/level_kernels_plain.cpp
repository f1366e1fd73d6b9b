// Reading levels of JPEG files without SIMD, and the choice between targets.
#define VENEER_TARGET levels_plain
#include "base/dct.h"
#include "base/jpeg/level_reading_inl.h"

namespace veneer::jpeg {

const LevelKernels& level_kernels() {
  return *for_kernels<const LevelKernels*>(&levels_plain::kLevelKernels, avx2_level_kernels());
}

}  // namespace veneer::jpeg
