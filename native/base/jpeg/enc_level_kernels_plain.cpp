// Writing levels of JPEG files without SIMD, and the choice between targets.
#define VENEER_TARGET levels_plain
#include "base/dct.h"
#include "base/jpeg/enc_level_writing_inl.h"

namespace veneer::jpeg {

const LevelWriters& plain_level_writers() { return levels_plain::kLevelWriters; }

const LevelWriters& level_writers() {
  const LevelWriters* const avx2 = kernels_have_avx2() ? avx2_level_writers() : nullptr;
  return avx2 != nullptr ? *avx2 : plain_level_writers();
}

}  // namespace veneer::jpeg
