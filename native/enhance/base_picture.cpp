#include "enhance/base_picture.h"

namespace veneer {

BasePicture BasePicture::part(const Rect& box) const {
  const Rect units = cells_of(box, 1, kUnit);
  BasePicture result = *this;
  result.quarters = quarters.part(box);
  result.maps = maps.part(units);
  result.steps = steps.part(units);
  if (!interpolated.empty()) result.interpolated = interpolated.part(box.scaled(scale));
  return result;
}

}  // namespace veneer
