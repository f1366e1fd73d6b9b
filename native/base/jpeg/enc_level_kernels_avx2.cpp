// Writing levels of JPEG files with AVX2; the target avx512 has it too.
#include "base/jpeg/enc_level_kernels.h"

#if defined(__AVX2__) && (defined(__x86_64__) || defined(_M_X64))
#define VENEER_TARGET levels_avx2
#include "base/jpeg/enc_level_writing_inl.h"

namespace veneer::jpeg {
const LevelWriters* avx2_level_writers() { return &levels_avx2::kLevelWriters; }
}  // namespace veneer::jpeg
#else
namespace veneer::jpeg {
const LevelWriters* avx2_level_writers() { return nullptr; }
}  // namespace veneer::jpeg
#endif
