// Writing levels of JPEG files without SIMD, and the choice between targets.
#define VENEER_TARGET levels_plain
#include "base/dct.h"
#include "base/jpeg/enc_level_writing_inl.h"

namespace veneer::jpeg {

const LevelWriters& level_writers() {
  return *for_kernels<const LevelWriters*>(&levels_plain::kLevelWriters, avx2_level_writers());
}

}  // namespace veneer::jpeg
