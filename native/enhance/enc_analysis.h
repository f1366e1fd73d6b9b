// Latents of a picture: the network `latent_analysis` over original and base. Encoder only.
#pragma once
#include <cstdint>

#include "common/image.h"
#include "common/runner.h"
#include "enhance/base_picture.h"
#include "network/networks.h"

namespace veneer {

// The network of a model that finds latents for `networks`, which are its own; nullptr where it has none, or `restore`
// takes no latents.
const ModelNetwork* analysis_network(const Model& model, const Networks& networks);

// The latents of a whole picture, [rows, columns, C], -127..127.
//   original: [H, W, 1 or 3] at full size.
// Throws Failure: kNetworkTooLarge.
Image<int16_t> analyse(const ModelNetwork& analysis, const Networks& networks, const BasePicture& base,
                       const View<const uint8_t>& original, Runner& runner);

}  // namespace veneer
