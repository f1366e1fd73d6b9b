#include "enhance/texture.h"

#include <algorithm>
#include <numeric>

#include "enhance/network_run.h"
#include "enhance/synthesis.h"
#include "network/networks.h"

namespace veneer {
namespace {

bool any_missing(const View<const uint8_t>& missing) {
  for (int y = 0; y < missing.height; ++y) {
    if (std::any_of(missing.row(y), missing.row(y) + missing.width, [](uint8_t each) { return each != 0; }))
      return true;
  }
  return false;
}

// The pixels from the first to the last unit that is missing, of which there are some.
Rect box_of_missing(const EnhancedPart& part) {
  int left = part.missing.width, right = 0, top = part.missing.height, bottom = 0;
  for (int v = 0; v < part.missing.height; ++v) {
    for (int u = 0; u < part.missing.width; ++u) {
      if (part.missing.row(v)[u] == 0) continue;
      left = std::min(left, u);
      right = std::max(right, u + 1);
      top = std::min(top, v);
      bottom = v + 1;
    }
  }
  const Rect units = {left, top, right - left, bottom - top};
  return intersection(units.scaled(kUnit), part.picture.size());
}

// Realism of units where some are missing.
Image<uint8_t> shares_of(const View<const uint8_t>& missing, int realism) {
  Image<uint8_t> shares(missing.width, missing.height, 1, static_cast<uint8_t>(realism));
  for (int v = 0; v < missing.height; ++v) {
    const uint8_t* from = missing.row(v);
    uint8_t* row = shares.view().row(v);
    for (int u = 0; u < missing.width; ++u) row[u] = from[u] ? uint8_t{kMaxRealism} : row[u];
  }
  return shares;
}

// Calls work(inputs) with all possible inputs of `texture` for a whole part.
template <typename Work>
void with_inputs(const ModelNetwork& texture, const EnhancedPart& part, int realism, Runner& runner, const Work& work) {
  using namespace network_run;
  const int columns = part.steps.width, rows = part.steps.height;
  const Image<uint8_t> shares = shares_of(part.missing, realism);
  Inputs inputs = {{"picture", colours_of(part.picture)},   {"maps", channels_of(part.maps)},
                   {"step", channels_of(part.steps)},       {"settings", everywhere(part.settings, columns, rows)},
                   {"realism", channels_of(shares.view())}, {"missing", channels_of(part.missing)}};
  Image<int16_t> noise;
  if (texture.find_input("noise") != nullptr) {
    noise = make_noise(part.seed, part.x / kUnit, part.y / kUnit, columns, rows, runner);
    inputs.push_back({"noise", channels_of(View<const int16_t>(noise.view()))});
  }
  work(inputs);
}

// Copies the units that are missing of a box of the part, or all of it, from what was made of a part that holds it.
void copy_wanted(const EnhancedPart& part, bool everything, const Rect& box, const View<const int16_t>& made,
                 const View<int16_t>& result) {
  if (everything) return network_run::copy_colours(made, result);
  for (int y = 0; y < box.height; ++y) {
    const uint8_t* missing = part.missing.row((box.y + y) / kUnit);
    for (int x = 0; x < box.width;) {
      const int u = (box.x + x) / kUnit, next = std::min(kUnit * (u + 1) - box.x, box.width);
      const Rect pixels = {x, y, next - x, 1};
      if (missing[u]) network_run::copy_colours(made.part(pixels), result.part(pixels));
      x = next;
    }
  }
}

// A bijection of numbers of 32 bits: the constants are those of Chris Wellons' hash "lowbias32".
uint32_t mixed(uint32_t word) {
  word = (word ^ word >> 16) * 0x7feb352du;
  word = (word ^ word >> 15) * 0x846ca68bu;
  return word ^ word >> 16;
}

int16_t byte_difference(uint32_t word, int place) {
  return static_cast<int16_t>(static_cast<int>(word >> place & 255) - static_cast<int>(word >> (place + 8) & 255));
}

// The noise of a row of units.
void noise_row(uint32_t seed, int u, int v, int width, int16_t* row) {
  constexpr int kPairs = kNoiseChannels / 2;
  for (uint32_t pair = 0; pair < kPairs; ++pair) {
    const uint32_t key = mixed(mixed(seed) ^ (kPairs * static_cast<uint32_t>(v) + pair));
    int16_t* out = row + 2 * pair;
    for (int i = 0; i < width; ++i) {
      const uint32_t word = mixed(key ^ static_cast<uint32_t>(u + i));
      out[kNoiseChannels * i] = byte_difference(word, 0);
      out[kNoiseChannels * i + 1] = byte_difference(word, 16);
    }
  }
}

}  // namespace

EnhancedPart EnhancedPart::part(const Rect& box) const {
  const Rect units = cells_of(box, 1, kUnit);
  EnhancedPart result = *this;
  result.picture = picture.part(box);
  result.maps = maps.part(units);
  result.steps = steps.part(units);
  result.missing = missing.part(units);
  result.x += box.x;
  result.y += box.y;
  return result;
}

Image<uint8_t> in_full_size(const View<const uint8_t>& units, int scale, int width, int height) {
  const Rect size = cells_of({0, 0, width, height}, 1, kUnit);
  Image<uint8_t> result(size.width, size.height, units.channels);
  for (int v = 0; v < size.height; ++v) {
    const uint8_t* from = units.row(v / scale);
    uint8_t* to = result.view().row(v);
    for (int u = 0; u < size.width; ++u) {
      std::copy_n(from + u / scale * units.channels, units.channels, to + u * units.channels);
    }
  }
  return result;
}

int texture_unit(const ModelNetwork& texture) { return std::lcm(texture.alignment(), kUnit); }

Rect visible_texture_part(const ModelNetwork& texture, const Rect& region, int width, int height) {
  return widened(region, texture.halo(), texture_unit(texture), width, height);
}

bool has_texture_to_add(const EnhancedPart& part, int realism) { return realism > 0 || any_missing(part.missing); }

Image<int16_t> add_texture(const ModelNetwork& texture, const EnhancedPart& part, int realism, Runner& runner,
                           int max_columns) {
  const View<const int16_t>& picture = part.picture;
  Image<int16_t> result(picture.width, picture.height, picture.channels);
  const View<int16_t> out = result.view();
  const bool everywhere = realism > 0;
  if (!everywhere) copy_rows(picture, out);
  if (!has_texture_to_add(part, realism)) return result;
  if (everywhere && picture.width <= max_columns) {
    with_inputs(texture, part, realism, runner,
                [&](const network_run::Inputs& inputs) { network_run::run_picture(texture, inputs, out, runner); });
    return result;
  }
  const Rect wanted = everywhere ? picture.size() : box_of_missing(part);
  for (int left = wanted.x; left < wanted.right(); left += max_columns) {
    const Rect piece = {left, wanted.y, std::min(max_columns, wanted.right() - left), wanted.height};
    const Rect seen = visible_texture_part(texture, piece, picture.width, picture.height);
    with_inputs(texture, part.part(seen), realism, runner, [&](const network_run::Inputs& inputs) {
      const Image<int16_t> made = network_run::run_colours(texture, inputs, seen.width, seen.height, runner);
      copy_wanted(part, everywhere, piece, made.view().part(piece.within(seen)), out.part(piece));
    });
  }
  return result;
}

Image<int16_t> make_noise(uint32_t seed, int u, int v, int width, int height, Runner& runner) {
  constexpr int kRows = 16;
  Image<int16_t> result(width, height, kNoiseChannels);
  const View<int16_t> view = result.view();
  runner.run((height + kRows - 1) / kRows, [&](int band) {
    for (int row = kRows * band; row < std::min(kRows * (band + 1), height); ++row) {
      noise_row(seed, u, v + row, width, view.row(row));
    }
  });
  return result;
}

}  // namespace veneer
