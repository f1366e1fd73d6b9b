// Reading levels of JPEG files with AVX2; the target avx512 has it too.
#include "base/jpeg/level_kernels.h"

#if defined(__AVX2__) && (defined(__x86_64__) || defined(_M_X64))
#define VENEER_TARGET levels_avx2
#include "base/jpeg/level_reading_inl.h"

namespace veneer::jpeg {
const LevelKernels* avx2_level_kernels() { return &levels_avx2::kLevelKernels; }
}  // namespace veneer::jpeg
#else
namespace veneer::jpeg {
const LevelKernels* avx2_level_kernels() { return nullptr; }
}  // namespace veneer::jpeg
#endif
