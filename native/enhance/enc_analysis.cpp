#include "enhance/enc_analysis.h"

#include "enhance/geometry.h"
#include "enhance/network_run.h"

namespace veneer {

const ModelNetwork* analysis_network(const Model& model, const Networks& networks) {
  if (!networks.has_latents()) return nullptr;
  return model.find(networks.scale == 1 ? "latent_analysis" : "latent_analysis_half");
}

Image<int16_t> analyse(const ModelNetwork& analysis, const Networks& networks, const BasePicture& base,
                       const View<const uint8_t>& original, Runner& runner) {
  const Rect cells = cells_of(base.quarters.size(), base.scale, networks.latents.reduction);
  Image<int16_t> y(cells.width, cells.height, networks.latents.channels);
  network_run::Inputs inputs = network_run::inputs_of(base);
  inputs.push_back({"original", network_run::colours_of(original)});
  network_run::run(analysis, inputs, network_run::channels_of(View<const int16_t>(y.view())), base.width(),
                   base.height(), runner);
  return y;
}

}  // namespace veneer
