// Portable kernels of row filters: what the others are tested against.
#define VENEER_TARGET filter_scalar
#include "base/row_filter_inl.h"

namespace veneer {
namespace filter_scalar {

static void weight(const ClassTaps& taps, const FilterFeature* features, int count, const int32_t* activity, int width,
                   int32_t* change) {
  weight_from(0, taps, features, count, activity, width, change);
}

}  // namespace filter_scalar

const FilterKernels& scalar_filter_kernels() {
  static const FilterKernels table = {filter_scalar::curvature, filter_scalar::add_rows, filter_scalar::weight,
                                      filter_scalar::apply};
  return table;
}

}  // namespace veneer
