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

// Copies the units that are missing of a box of the part from `made` to the picture, each of the size of the box.
template <typename T>
void copy_missing(const EnhancedPart& part, const Rect& box, const View<const T>& made, const View<T>& picture) {
  for (int y = 0; y < box.height; ++y) {
    const uint8_t* missing = part.missing.row((box.y + y) / kUnit);
    for (int x = 0; x < box.width; ++x) {
      if (missing[(box.x + x) / kUnit]) std::copy_n(made.at(x, y), made.channels, picture.at(x, y));
    }
  }
}

// Calls work(columns, seen) for some columns of a box of the part after the other, and what `texture` sees of the part
// for them.
template <typename Work>
void for_columns(const ModelNetwork& texture, const EnhancedPart& part, const Rect& box, int max_columns,
                 const Work& work) {
  for (int left = box.x; left < box.right(); left += max_columns) {
    const Rect columns = {left, box.y, std::min(max_columns, box.right() - left), box.height};
    work(columns, visible_texture_part(texture, columns, part.picture.width, part.picture.height));
  }
}

// Runs `texture` on what it sees of a part for a box of it.
template <typename T>
void run_texture(const ModelNetwork& texture, const EnhancedPart& part, const Rect& seen, const Rect& box, int realism,
                 const View<T>& out, Runner& runner) {
  with_inputs(texture, part.part(seen), realism, runner, [&](const network_run::Inputs& inputs) {
    network_run::run_picture(texture, inputs, seen.width, seen.height, box.within(seen), part.picture.channels, out,
                             runner);
  });
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

template <typename T>
void add_texture(const ModelNetwork& texture, const EnhancedPart& part, const Rect& region, int realism,
                 const View<T>& out, Runner& runner, int max_columns) {
  for_columns(texture, part, region, max_columns, [&](const Rect& columns, const Rect& seen) {
    run_texture(texture, part, seen, columns, realism, out.part(columns.within(region)), runner);
  });
}
template void add_texture(const ModelNetwork&, const EnhancedPart&, const Rect&, int, const View<int16_t>&, Runner&,
                          int);
template void add_texture(const ModelNetwork&, const EnhancedPart&, const Rect&, int, const View<uint8_t>&, Runner&,
                          int);

template <typename T>
void fill_with_texture(const ModelNetwork& texture, const EnhancedPart& part, const Rect& region, const View<T>& out,
                       Runner& runner, int max_columns) {
  if (!any_missing(part.missing)) return;
  const Rect wanted = intersection(box_of_missing(part), region);
  if (wanted.empty()) return;
  for_columns(texture, part, wanted, max_columns,
              [&](const Rect&, const Rect& seen) { texture.check_memory(seen.width, seen.height); });
  for_columns(texture, part, wanted, max_columns, [&](const Rect& columns, const Rect& seen) {
    Image<T> made(columns.width, columns.height, part.picture.channels);
    run_texture(texture, part, seen, columns, 0, made.view(), runner);
    copy_missing(part, columns, View<const T>(made.view()), out.part(columns.within(region)));
  });
}
template void fill_with_texture(const ModelNetwork&, const EnhancedPart&, const Rect&, const View<int16_t>&, Runner&,
                                int);
template void fill_with_texture(const ModelNetwork&, const EnhancedPart&, const Rect&, const View<uint8_t>&, Runner&,
                                int);

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
