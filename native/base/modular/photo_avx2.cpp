// AVX2 kernels of the photo form; the target avx512 has them too.
#include "base/modular/photo_kernels.h"

#if defined(__AVX2__) && (defined(__x86_64__) || defined(_M_X64))
#define VENEER_TARGET photo_avx2
#include "base/modular/photo_kernels_inl.h"

namespace veneer::modular {
const PhotoKernels* avx2_photo_kernels() { return &photo_avx2::kKernels; }
}  // namespace veneer::modular
#else
namespace veneer::modular {
const PhotoKernels* avx2_photo_kernels() { return nullptr; }
}  // namespace veneer::modular
#endif
