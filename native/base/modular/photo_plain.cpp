// Portable kernels of the photo form: what the others are tested against.
#define VENEER_TARGET photo_plain
#include "base/modular/photo_kernels_inl.h"

namespace veneer::modular {

const PhotoKernels& plain_photo_kernels() { return photo_plain::kKernels; }

}  // namespace veneer::modular
