// Encoder only: the colours of pixels of screen content: their own, or others whose lower cost outweighs their error.
#pragma once
#include <algorithm>
#include <cstdint>
#include <vector>

#include "enc_cost.h"
#include "quantization.h"
#include "screen.h"

namespace veneer {

// What a squared difference of a plane is worth, in 2^-kShift times 1/256 bits.
struct ColourWeights {
  static constexpr int kShift = 20;
  int64_t plane[3];

  static int64_t of_step(int step_index, int distortion_weight) {
    const int64_t step = std::max<int64_t>(1, step_scale(step_index) >> 8);  // 2^8 times quarter levels
    return (static_cast<int64_t>(distortion_weight) << (kShift + 16)) / (step * step);
  }

  int64_t cost(uint32_t a, uint32_t b) const {
    const int r = colour_red(a) - colour_red(b), g = colour_green(a) - colour_green(b),
              blue = colour_blue(a) - colour_blue(b);
    const int64_t luma = r + 2 * g + blue, co = 2 * (r - blue), cg = 2 * g - r - blue;
    return (plane[0] * luma * luma + plane[1] * co * co + plane[2] * cg * cg) >> kShift;
  }
};

template <class Journal>
class ColourChoice {
 public:
  ColourChoice(const Tile& source, ScreenPixels<Journal>& pixels)
      : source_(source), pixels_(pixels), known_(size_t{1} << 15, kUnknown), costs_(cost_table().data()) {}

  // weights: of the cells of the superblock at (x, y).
  void start(int x, int y, const ColourWeights* weights) {
    x_ = x;
    y_ = y;
    weights_ = weights;
  }

  bool flat(int x, int y, int n, uint32_t colour) const {
    int64_t cost = 0;
    int different = 0;
    for (int i = x; i < x + n; ++i) {
      const uint32_t own = colour_of_samples(source_, i, y);
      if (own == colour) continue;
      ++different;
      cost += weights(i, y).cost(own, colour);
      if (cost > kFlatCost * different) return false;
    }
    return true;
  }

  uint32_t colour(const ScreenView& view, int x, int y) {
    const uint32_t own = colour_of_samples(source_, x, y);
    const ColourWeights& weight = weights(x, y);
    uint32_t best = own;
    int64_t least = kNever;
    int passed = 0;
    bool listed = false;
    for (int r = 0; r < view.candidates; ++r) {
      ScreenDecision decision;
      pixels_.prepare(view, view.candidate[r], r, &decision);
      const uint32_t p = static_cast<uint32_t>(decision.p1) >> 4;
      const int64_t cost = passed + costs_[p] + weight.cost(own, view.candidate[r]);
      if (cost < least) {
        least = cost;
        best = view.candidate[r];
      }
      listed |= view.candidate[r] == own;
      passed += costs_[4095 - p];
    }
    if (!listed && passed < least) {
      consider(view, own, own, weight, passed, &best, &least);
      consider_known(view, own, weight, passed, &best, &least);
    }
    known_[cell(best, 0, 0, 0)] = best;
    return best;
  }

 private:
  static constexpr int64_t kNever = int64_t{1} << 60;
  static constexpr uint32_t kUnknown = 0xffffffff;
  static constexpr int64_t kFlatCost = 4 * kBit;  // of a pixel that keeps a row from being one

  const ColourWeights& weights(int x, int y) const {
    return weights_[(y - y_) / kScreenCell * kScreenCells + (x - x_) / kScreenCell];
  }

  // Colours by their upper five bits, moved by so many cells; -1 outside.
  static int cell(uint32_t colour, int red, int green, int blue) {
    const int r = (colour_red(colour) >> 3) + red, g = (colour_green(colour) >> 3) + green,
              b = (colour_blue(colour) >> 3) + blue;
    return ((r | g | b) & ~31) ? -1 : r << 10 | g << 5 | b;
  }

  void consider(const ScreenView& view, uint32_t own, uint32_t colour, const ColourWeights& weight, int passed,
                uint32_t* best, int64_t* least) {
    int64_t cost = passed + weight.cost(own, colour);
    if (cost >= *least) return;
    cost += pixels_.spelling_cost(view, colour, costs_);
    if (cost >= *least) return;
    *least = cost;
    *best = colour;
  }

  // The latest colour of each cell around that of the pixel's own.
  void consider_known(const ScreenView& view, uint32_t own, const ColourWeights& weight, int passed, uint32_t* best,
                      int64_t* least) {
    for (int red = -1; red <= 1; ++red) {
      for (int green = -1; green <= 1; ++green) {
        for (int blue = -1; blue <= 1; ++blue) {
          const int at = cell(own, red, green, blue);
          if (at < 0 || known_[at] == kUnknown) continue;
          consider(view, own, known_[at], weight, passed, best, least);
        }
      }
    }
  }

  const Tile& source_;
  ScreenPixels<Journal>& pixels_;
  std::vector<uint32_t> known_;
  const uint16_t* costs_;
  int x_ = 0, y_ = 0;
  const ColourWeights* weights_ = nullptr;
};

}  // namespace veneer
