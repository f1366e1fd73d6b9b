#include "picture/stages.h"

#include "enhance/geometry.h"
#include "enhance/synthesis.h"
#include "enhance/texture.h"
#include "picture/interpolation.h"

namespace veneer {

Stages::Stages(const Head& head) {
  set_size(head);
  if (head.base_scale > 1) add({head.base_scale * kInterpolationMargin, 1, head.base_scale});
}

Stages::Stages(const Head& head, const Networks& networks, int realism) {
  set_size(head);
  add({restore_border(networks), networks.alignment, networks.scale});
  if (networks.texture != nullptr && realism > 0) {
    add({networks.texture->halo(), texture_unit(*networks.texture), 1});
  }
}

void Stages::set_size(const Head& head) {
  const TileGrid grid = tile_grid(head);
  width_ = head.base_scale * grid.width();
  height_ = head.base_scale * grid.height();
}

Rect Stages::region_of(int index, const Rect& region) const {
  Rect part = region;
  for (int i = count_ - 1; i > index; --i) {
    part = over(stages_[i].scale, widened(part, stages_[i].border, stages_[i].unit, width_, height_));
  }
  return part;
}

Rect over(int scale, const Rect& region) {
  const int x = region.x / scale, y = region.y / scale;
  return {x, y, (region.right() + scale - 1) / scale - x, (region.bottom() + scale - 1) / scale - y};
}

}  // namespace veneer
