// Least squares for classes of samples by their activity, in integers: the coefficients are found one by one, in 1/2^15,
// until they settle; then they are rounded, and changed where that saves more rate than it adds distortion. Classes are
// ranges of a dozen cells of activity, divided by dynamic programming.
// Source: docs/format.md, "Filters of tiles", for what the coefficients do.
#include "enc_tile_filters.h"

#include <array>
#include <cstdlib>

#include "common/bits.h"
#include "enc_bit_io.h"
#include "enc_cost.h"

namespace veneer {
namespace {

constexpr int kCells = 12;
constexpr int kBins = kMaxTileFilterCode + 1;
constexpr int kSweeps = 48, kRounds = 2;
constexpr int kFineLog2 = 8;  // of the settling coefficients, beyond 1/128
// Overfitting guard: a bit must save this many times its cost, as fitted filters also remove errors that are chance.
constexpr int kCaution = 3;
constexpr int64_t kNever = int64_t{1} << 62;
constexpr int kProductBits = 40;  // of the largest product, so that sums with coefficients fit 64 bits

// Products of features, with what is wanted, and of what is wanted with itself.
struct Products {
  int64_t pair[kTileFilterTaps][kTileFilterTaps] = {};
  int64_t wanted[kTileFilterTaps] = {};
  int64_t error = 0;

  void add(const Products& other) {
    for (int i = 0; i < kTileFilterTaps; ++i) {
      for (int j = 0; j < kTileFilterTaps; ++j) pair[i][j] += other.pair[i][j];
      wanted[i] += other.wanted[i];
    }
    error += other.error;
  }
};

using Taps = std::array<int, kTileFilterTaps>;

struct Fit {
  Taps taps;
  int64_t cost;  // squared error in 1/2^14 less that without filters, plus bits
};

// Bits of a difference, by the code with even chances.
int bits_of(int difference) {
  const int magnitude = std::abs(difference);
  int n = 0;
  while (n < 7 && magnitude + 1 >= 2 << n) ++n;
  return 1 + 2 * n - (n == 7);
}

class PlaneFitter {
 public:
  // bit_cost: squared error, in units of a plane, that a bit is worth.
  PlaneFitter(int taps, int64_t bit_cost) : taps_(taps), bit_cost_(bit_cost << 14) {}

  Fit fit(const Products& products, const Taps& before) const {
    Products p = products;
    int shift = 0;
    for (int i = 0; i < taps_; ++i) {
      while (p.pair[i][i] >> shift >= int64_t{1} << kProductBits) ++shift;
    }
    for (int i = 0; i < taps_; ++i) {
      for (int j = 0; j < taps_; ++j) p.pair[i][j] >>= shift;
      p.wanted[i] >>= shift;
    }
    const int64_t bit = std::max<int64_t>(1, bit_cost_ >> shift);
    Taps taps = settle(p);
    for (int i = 0; i < taps_; ++i) taps[i] = std::clamp(taps[i], -kMaxTileFilterTap, kMaxTileFilterTap);
    int64_t cost = cost_of(p, taps, before, bit);
    for (int round = 0; round < kRounds; ++round) {
      for (int i = 0; i < taps_; ++i) {
        const int now = taps[i];
        int best = now;
        for (const int option :
             {now - 1, now + 1, now + (before[i] > now ? 2 : -2), (now + before[i]) / 2, before[i], 0}) {
          taps[i] = std::clamp(option, -kMaxTileFilterTap, kMaxTileFilterTap);
          const int64_t tried = cost_of(p, taps, before, bit);
          if (tried < cost) {
            cost = tried;
            best = taps[i];
          }
        }
        taps[i] = best;
      }
    }
    return {taps, cost << shift};
  }

  int64_t bit_cost() const { return bit_cost_; }

 private:
  // Gauss-Seidel; the matrix is positive semidefinite.
  Taps settle(const Products& p) const {
    std::array<int64_t, kTileFilterTaps> fine = {};
    constexpr int64_t kLimit = int64_t{kMaxTileFilterTap} << kFineLog2;
    for (int sweep = 0; sweep < kSweeps; ++sweep) {
      for (int i = 0; i < taps_; ++i) {
        if (p.pair[i][i] == 0) continue;
        int64_t rest = p.wanted[i] << (kTileFilterUnitLog2 + kFineLog2);
        for (int j = 0; j < taps_; ++j) rest -= p.pair[i][j] * fine[j];
        fine[i] = std::clamp(fine[i] + rest / p.pair[i][i], -kLimit, kLimit);
      }
    }
    Taps taps = {};
    for (int i = 0; i < taps_; ++i) taps[i] = static_cast<int>((fine[i] + (1 << (kFineLog2 - 1))) >> kFineLog2);
    return taps;
  }

  int64_t cost_of(const Products& p, const Taps& taps, const Taps& before, int64_t bit) const {
    int64_t error = 0;
    int bits = 0;
    for (int i = 0; i < taps_; ++i) {
      int64_t row = -(p.wanted[i] << (kTileFilterUnitLog2 + 1));
      for (int j = 0; j < taps_; ++j) row += p.pair[i][j] * taps[j];
      error += taps[i] * row;
      bits += bits_of(taps[i] - before[i]);
    }
    return error + bits * bit;
  }

  int taps_;
  int64_t bit_cost_;
};

// The code whose step is the last one that an activity reaches.
int bin_of(int32_t activity) {
  if (activity < 4) return 0;
  const int log = highest_bit(static_cast<uint32_t>(activity));
  return std::min(kMaxTileFilterCode, 4 * (log - 2) + (activity >> (log - 2)) - 4);
}

void add_row(const int16_t* own, const int16_t* luma, ptrdiff_t stride, int plane, int clip, const int16_t* source,
             const int32_t* activity, int width, std::vector<int16_t>* features, std::vector<Products>* bins) {
  const int taps = tile_filter_taps(plane);
  features->resize(static_cast<size_t>(width) * kTileFilterTaps);
  const TileFeatures row(own, luma, stride, plane, clip);
  for (int i = 0; i < taps; ++i) {
    for (int u = 0; u < width; ++u) (*features)[static_cast<size_t>(u) * kTileFilterTaps + i] = row.list[i].at(u);
  }
  for (int u = 0; u < width; ++u) {
    Products& p = (*bins)[bin_of(activity[u])];
    const int16_t* f = features->data() + static_cast<size_t>(u) * kTileFilterTaps;
    const int wanted = source[u] - own[u];
    for (int i = 0; i < taps; ++i) {
      for (int j = i; j < taps; ++j) p.pair[i][j] += f[i] * f[j];
      p.wanted[i] += f[i] * wanted;
    }
    p.error += static_cast<int64_t>(wanted) * wanted;
  }
}

std::vector<Products> products_of(const Tile& source, const Tile& tile, int plane, int clip) {
  std::vector<Products> bins(kBins);
  const PaddedPlane luma(tile, 0, 0, tile.height), own(tile, plane, 0, tile.height);
  ActivityRows activity(own.at(0, 0), own.stride(), tile.width, tile.range.extra);
  std::vector<int16_t> features;
  for (int y = 0; y < tile.height; ++y) {
    add_row(own.at(0, y), luma.at(0, y), own.stride(), plane, clip, source.at(plane, 0, y), activity.row(y), tile.width,
            &features, &bins);
  }
  for (Products& p : bins) {
    for (int i = 0; i < kTileFilterTaps; ++i) {
      for (int j = 0; j < i; ++j) p.pair[i][j] = p.pair[j][i];
    }
  }
  return bins;
}

PlaneFilter choose_plane(const std::vector<Products>& bins, int taps, int64_t bit_cost) {
  // Cells with about the same share of the error each.
  int64_t total = 0, reached = 0;
  for (const Products& p : bins) total += p.error;
  std::vector<int> first = {0};
  std::vector<Products> cells(1);
  for (int bin = 0; bin < kBins; ++bin) {
    if (bin > 0 && bins[bin].error > 0 && reached >= total / kCells * static_cast<int64_t>(first.size())) {
      first.push_back(bin);
      cells.emplace_back();
    }
    cells.back().add(bins[bin]);
    reached += bins[bin].error;
  }
  const PlaneFitter fitter(taps, bit_cost);
  const int count = static_cast<int>(cells.size());
  // best[last][k]: cost of the cells up to `last` in k + 1 classes, and the first cell of the last class.
  struct Best {
    int64_t cost = kNever;
    int first = 0;
  };
  std::vector<std::array<Best, kMaxFilterClasses>> best(count);
  std::vector<std::vector<Products>> sums(count);
  for (int last = 0; last < count; ++last) {
    Products sum;
    sums[last].resize(last + 1);
    for (int from = last; from >= 0; --from) {
      sum.add(cells[from]);
      sums[last][from] = sum;
      const int64_t cost = fitter.fit(sum, Taps{}).cost;
      if (from == 0 && cost < best[last][0].cost) best[last][0] = {cost, 0};
      for (int k = 1; from > 0 && k < kMaxFilterClasses; ++k) {
        const int64_t before = best[from - 1][k - 1].cost;
        if (before < kNever && before + cost + 6 * fitter.bit_cost() < best[last][k].cost) {
          best[last][k] = {before + cost + 6 * fitter.bit_cost(), from};
        }
      }
    }
  }
  int k = 0;
  for (int other = 1; other < kMaxFilterClasses; ++other) {
    if (best[count - 1][other].cost < best[count - 1][k].cost) k = other;
  }
  std::vector<std::pair<int, int>> classes;
  for (int last = count - 1; k >= 0; --k) {
    const int from = best[last][k].first;
    classes.insert(classes.begin(), {from, last});
    last = from - 1;
  }
  PlaneFilter filter;
  filter.count = static_cast<int>(classes.size());
  Taps before = {};
  int64_t cost = 3 * fitter.bit_cost();
  for (int c = 0; c < filter.count; ++c) {
    const auto [from, last] = classes[c];
    const Fit fit = fitter.fit(sums[last][from], before);
    cost += fit.cost + (c > 0 ? 6 * fitter.bit_cost() : 0);
    before = fit.taps;
    filter.code[c] = static_cast<uint8_t>(first[from]);
    for (int i = 0; i < taps; ++i) filter.tap[c][i] = static_cast<int8_t>(fit.taps[i]);
  }
  return cost < 0 ? filter : PlaneFilter();
}

}  // namespace

std::vector<uint8_t> choose_tile_filter(const Tile& source, const Tile& tile, int lambda_milli, TileFilter* filter) {
  filter->planes = tile.colour ? 3 : 1;
  // Half a step, in units of a plane: 2^((index - 32) / 16 - 1), four codes an octave.
  const int index = tile.params.step_index;
  filter->clip = std::clamp((index - 32 - 16 - 32) / 4, 0, kMaxTileFilterCode);
  for (int p = 0; p < filter->planes; ++p) {
    const int own = std::clamp(index + (p > 0 ? tile.params.plane_offset[p - 1] : 0), 0, kMaxStepIndex);
    // lambda times the square of the orthonormal step.
    const int64_t step = std::max<int64_t>(1, step_scale(own) >> 8);
    const int64_t bit_cost = std::max<int64_t>(1, (step * step >> 16) * lambda_milli * kCaution / 1000)
                             << 2 * tile.range.extra;
    filter->plane[p] = choose_plane(products_of(source, tile, p, tile_filter_step(filter->clip) << tile.range.extra),
                                    tile_filter_taps(p), bit_cost);
  }
  if (!filter->any()) return {0};
  BitWriter io;
  code_tile_filter(io, *filter);
  std::vector<uint8_t> bytes = io.finish();
  if (bytes.size() > kMaxTileFilterBytes) {
    *filter = TileFilter();
    return {0};
  }
  bytes.insert(bytes.begin(), static_cast<uint8_t>(bytes.size()));
  return bytes;
}

}  // namespace veneer
