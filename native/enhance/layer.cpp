#include "enhance/layer.h"

#include <algorithm>
#include <utility>

#include "enhance/network_run.h"
#include "network/networks.h"

namespace veneer {
namespace {

// Latents that are all 0.
Image<int16_t> no_latents(const Networks& networks, const BasePicture& base) {
  if (!networks.has_latents()) return {};
  const Rect cells = cells_of(base.quarters.size(), base.scale, networks.latents.reduction);
  return {cells.width, cells.height, networks.latents.channels};
}

// The latents of a box of the base picture.
template <typename T>
View<T> latents_of(const Networks& networks, const Rect& box, const View<T>& y) {
  return y.empty() ? View<T>() : y.part(cells_of(box, networks.scale, networks.latents.reduction));
}

void fill(const View<uint8_t>& view, int value) {
  for (int y = 0; y < view.height; ++y) std::fill_n(view.row(y), view.width, static_cast<uint8_t>(value));
}

// One tile; false if its data are invalid.
bool decode_tile(const Networks& networks, const BasePicture& base, const PlacedTile& placed,
                 DecodedEnhancement* decoded, Runner& runner) {
  const auto [box, tile] = placed;
  const BasePicture seen = base.part(box);
  const auto run_prior = [&] { return distribution_indices(networks, seen, runner); };
  const View<int16_t> y = latents_of(networks, box, decoded->y.view());
  if (tile.filtered) {
    const LatentIndices indices(run_prior);
    TileFilters filters;
    const bool found =
        read_filters(tile.data, base.channels(), networks.has_latents() ? &indices : nullptr, y, &filters);
    if (!found) return false;
    decoded->filters.push_back({box, filters});
  } else if (networks.has_latents() && !tile.data.empty()) {
    const Image<uint8_t> index = run_prior();
    if (!read_latents(tile.data, index.view(), y)) return false;
  }
  fill(decoded->strengths.view().part(cells_of(box, 1, kUnit)), tile.strength);
  return true;
}

}  // namespace

Image<uint8_t> distribution_indices(const Networks& networks, const BasePicture& tile, Runner& runner) {
  const Rect cells = cells_of(tile.quarters.size(), tile.scale, networks.latents.reduction);
  Image<uint8_t> index(cells.width, cells.height, networks.latents.channels);
  network_run::run(*networks.latent_prior, network_run::inputs_of(tile),
                   network_run::channels_of(View<const uint8_t>(index.view())), tile.width(), tile.height(), runner);
  return index;
}

DecodedEnhancement decode_enhancement(const Networks& networks, const BasePicture& base, Span<const PlacedTile> tiles,
                                      Runner& runner) {
  DecodedEnhancement decoded;
  decoded.y = no_latents(networks, base);
  decoded.strengths = Image<uint8_t>(base.steps.width, base.steps.height, 1, kPlainStrength);
  for (size_t i = 0; i < tiles.size; ++i) {
    if (!decode_tile(networks, base, tiles[i], &decoded, runner)) decoded.damaged.push_back(static_cast<int>(i));
  }
  return decoded;
}

View<const int16_t> latents_in(const Networks& networks, const Rect& box, const View<const int16_t>& y) {
  return latents_of(networks, box, y);
}

}  // namespace veneer
