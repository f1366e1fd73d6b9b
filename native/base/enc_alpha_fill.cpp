// Colours under alpha 0 cost bits, and a jump at the outline costs most. The fill is a membrane stretched
// between the visible pixels: means of the visible ones in ever larger cells, then, from the largest cells
// back to pixels, hidden ones take the interpolated value of the larger cell and are smoothed.
#include "enc_alpha_fill.h"

#include <algorithm>

namespace veneer {
namespace {

constexpr int kFractionBits = 4;
constexpr int kSweeps = 2;  // relaxations per level

// Cells of 2^k pixels a side.
struct Level {
  int w, h;
  std::vector<uint8_t> visible;  // whether the cell has a visible pixel
  std::vector<int32_t> value;

  Level(int width, int height)
      : w(width), h(height), visible(static_cast<size_t>(w) * h), value(static_cast<size_t>(w) * h) {}
  size_t at(int x, int y) const { return static_cast<size_t>(y) * w + x; }
};

Level coarser(const Level& fine) {
  Level out((fine.w + 1) / 2, (fine.h + 1) / 2);
  for (int y = 0; y < out.h; ++y) {
    for (int x = 0; x < out.w; ++x) {
      int sum = 0, count = 0;
      for (int v = 2 * y; v < std::min(2 * y + 2, fine.h); ++v) {
        for (int u = 2 * x; u < std::min(2 * x + 2, fine.w); ++u) {
          if (!fine.visible[fine.at(u, v)]) continue;
          sum += fine.value[fine.at(u, v)];
          ++count;
        }
      }
      if (count == 0) continue;
      out.visible[out.at(x, y)] = 1;
      out.value[out.at(x, y)] = (sum + count / 2) / count;
    }
  }
  return out;
}

void fill_from(const Level& coarse, Level* fine) {
  for (int y = 0; y < fine->h; ++y) {
    const int near_y = y / 2, far_y = std::clamp(near_y + (y & 1 ? 1 : -1), 0, coarse.h - 1);
    for (int x = 0; x < fine->w; ++x) {
      if (fine->visible[fine->at(x, y)]) continue;
      const int near_x = x / 2, far_x = std::clamp(near_x + (x & 1 ? 1 : -1), 0, coarse.w - 1);
      const int sum = 9 * coarse.value[coarse.at(near_x, near_y)] + 3 * coarse.value[coarse.at(far_x, near_y)] +
                      3 * coarse.value[coarse.at(near_x, far_y)] + coarse.value[coarse.at(far_x, far_y)];
      fine->value[fine->at(x, y)] = (sum + 8) >> 4;
    }
  }
}

// Each hidden cell becomes the mean of its neighbours, in place.
void relax(Level* level) {
  for (int y = 0; y < level->h; ++y) {
    const int above = std::max(y - 1, 0), below = std::min(y + 1, level->h - 1);
    for (int x = 0; x < level->w; ++x) {
      if (level->visible[level->at(x, y)]) continue;
      const int sum = level->value[level->at(std::max(x - 1, 0), y)] +
                      level->value[level->at(std::min(x + 1, level->w - 1), y)] + level->value[level->at(x, above)] +
                      level->value[level->at(x, below)];
      level->value[level->at(x, y)] = (sum + 2) >> 2;
    }
  }
}

// middle: what the first block of a tile is predicted from.
template <typename T>
void fill_channel(T* samples, int channels, int alpha_offset, int middle, int w, int h) {
  std::vector<Level> levels;
  levels.emplace_back(w, h);
  for (size_t i = 0; i < levels[0].value.size(); ++i) {
    levels[0].visible[i] = samples[i * channels + alpha_offset] != 0;
    levels[0].value[i] = samples[i * channels] << kFractionBits;
  }
  while (levels.back().w > 1 || levels.back().h > 1) levels.push_back(coarser(levels.back()));
  if (!levels.back().visible[0]) levels.back().value[0] = middle << kFractionBits;
  for (size_t k = levels.size() - 1; k-- > 0;) {
    fill_from(levels[k + 1], &levels[k]);
    for (int i = 0; i < kSweeps; ++i) relax(&levels[k]);
  }
  for (size_t i = 0; i < levels[0].value.size(); ++i) {
    samples[i * channels] = static_cast<T>((levels[0].value[i] + (1 << kFractionBits) / 2) >> kFractionBits);
  }
}

}  // namespace

template <typename T>
bool fill_hidden(const View<const T>& pixels, int depth, Image<T>* out) {
  const int w = pixels.width, h = pixels.height, channels = pixels.channels;
  bool hidden = false;
  for (int y = 0; y < h && !hidden; ++y) {
    for (int x = 0; x < w; ++x) hidden |= pixels.at(x, y)[channels - 1] == 0;
  }
  if (!hidden) return false;
  *out = Image<T>(w, h, channels);
  copy_rows<T>(pixels, out->view());
  for (int c = 0; c < channels - 1; ++c) {
    fill_channel(out->data() + c, channels, channels - 1 - c, 1 << (depth - 1), w, h);
  }
  return true;
}
template bool fill_hidden(const View<const uint8_t>&, int, Image<uint8_t>*);
template bool fill_hidden(const View<const uint16_t>&, int, Image<uint16_t>*);

}  // namespace veneer
