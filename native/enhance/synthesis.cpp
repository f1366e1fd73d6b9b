#include "enhance/synthesis.h"

#include <algorithm>

#include "enhance/apply_filters.h"
#include "enhance/layer.h"
#include "enhance/network_run.h"
#include "network/networks.h"
#include "picture/interpolation.h"

namespace veneer {
namespace {

// Possible inputs of `restore`; `realism` is one byte, which must outlive them as the pictures must.
network_run::Inputs restore_inputs(const BasePicture& base, const View<const int16_t>& y,
                                   const View<const uint8_t>& strengths, const uint8_t* realism) {
  network_run::Inputs inputs = network_run::inputs_of(base);
  if (!y.empty()) inputs.push_back({"y", network_run::channels_of(y)});
  inputs.push_back({"strength", network_run::channels_of(strengths)});
  inputs.push_back({"realism", network_run::everywhere(realism, strengths.width, strengths.height)});
  return inputs;
}

}  // namespace

int restore_border(const Networks& networks) {
  const int interpolation = networks.scale > 1 ? networks.scale * kInterpolationMargin : 0;
  return networks.restore->halo() + kFiltersMargin + interpolation;
}

Rect visible_part(const Networks& networks, const Rect& region, int width, int height) {
  return widened(region, restore_border(networks), networks.alignment, width, height);
}

Image<int16_t> synthesize(const Networks& networks, const BasePicture& base, const View<const int16_t>& y,
                          const View<const uint8_t>& strengths, int realism, Runner& runner, int max_columns) {
  const uint8_t share = static_cast<uint8_t>(realism);
  const int width = base.width(), height = base.height(), scale = base.scale;
  Image<int16_t> result(width, height, base.channels());
  for (int left = 0; left < width; left += max_columns) {
    const Rect columns = {left, 0, std::min(max_columns, width - left), height};
    const Rect seen = visible_part(networks, columns, width, height);
    const Rect box = {seen.x / scale, 0, seen.width / scale, height / scale};
    const BasePicture part = base.part(box);
    const network_run::Inputs inputs =
        restore_inputs(part, latents_in(networks, box, y), strengths.part(cells_of(box, 1, kUnit)), &share);
    network_run::run_picture(*networks.restore, inputs, seen.width, height, columns.within(seen), base.channels(),
                             result.view().part(columns), runner);
  }
  return result;
}

}  // namespace veneer
