// Sums are of whole numbers below 2^53, and no product of the solver is rounded together with a sum: all machines find the
// same parameters.
#include "base/modular/enc_fast_training.h"

#include <algorithm>
#include <cmath>
#include <cstdlib>

#include "base/modular/enc_fast_kernels.h"
#include "base/modular/fast_tile.h"
#include "common/inline.h"

namespace veneer::modular::fast {
namespace {

constexpr int kOne = 1 << 16;     // 1.0 of weights of samples
constexpr int kMostValue = 4095;  // differences of samples are at most twice this when they are multiplied
constexpr int kPixelsOfExpert = 2048;

// A function of its own, so that no compiler makes one operation of a product and a sum.
#if defined(__GNUC__)
__attribute__((noinline))
#endif
double product(double a, double b) {
  return a * b;
}

// Least squares. The last of the unknowns' values is that of the target.
struct Equations {
  double sums[kMostUnknowns][kMostUnknowns] = {};
  double value[kBatch][kMostUnknowns] = {}, weight[kBatch] = {};  // of samples that are not yet in the sums
  int held = 0;

  // `v` has `count` values, whose rest up to a multiple of four is 0.
  void add(const EncoderKernels& kernels, const double* v, int count, double w) {
    std::copy_n(v, (count + 3) & ~3, value[held]);
    weight[held++] = w;
    if (held == kBatch) flush(kernels, count);
  }
  void flush(const EncoderKernels& kernels, int count) {
    std::fill(weight + held, weight + kBatch, 0.0);
    kernels.add_products(value, weight, count, sums);
    held = 0;
  }

  // Solves for `count` unknowns with the rest of the products in row `count`. False if they do not determine them.
  bool solve(int count, double* solution) {
    double factor[kMostUnknowns][kMostUnknowns];
    for (int i = 0; i < count; ++i) sums[i][i] += sums[i][i] / 65536 + 256;
    for (int i = 0; i <= count; ++i) {  // the last row of the factor is the right side, solved forwards
      for (int j = 0; j <= std::min(i, count - 1); ++j) {
        double rest = sums[i][j];
        for (int k = 0; k < j; ++k) rest -= product(factor[i][k], factor[j][k]);
        if (i != j) {
          factor[i][j] = rest / factor[j][j];
        } else if (rest > 0) {
          factor[i][i] = std::sqrt(rest);
        } else {
          return false;
        }
      }
    }
    for (int i = count - 1; i >= 0; --i) {
      double rest = factor[count][i];
      for (int k = i + 1; k < count; ++k) rest -= product(factor[k][i], solution[k]);
      solution[i] = rest / factor[i][i];
    }
    return true;
  }
};

int rounded(double v, int most) { return static_cast<int>(std::lround(std::clamp(v, -1.0 * most, 1.0 * most))); }

class Trainer {
 public:
  Trainer(const PaddedPlanes& planes, int c, const TrainingEffort& effort, Plan* plan)
      : planes_(planes),
        c_(c),
        width_(planes.width()),
        height_(planes.height()),
        plan_(*plan),
        kernels_(encoder_kernels()),
        equations_(kExperts),
        errors_((static_cast<size_t>(width_) + 2 * kBeside) * (height_ + kAbove) * kExperts) {
    const int64_t pixels = int64_t{width_} * height_;
    step_ = static_cast<int>(std::max<int64_t>(1, pixels / effort.samples));
    if (step_ % 2 == 0) ++step_;
    experts_ = static_cast<int>(std::clamp<int64_t>(pixels / kPixelsOfExpert, 1, kExperts));
    while (planes.most(c) >> shift_ > kMostValue) ++shift_;
    for (int p = 0; p < c; ++p) {
      while (planes.most(p) >> shift_ > kMostValue) ++shift_;
    }
    find_taps();
  }

  void run(int rounds) {
    plan_.experts = 1;
    fit_all([](int, int) { return kOne >> 8; });
    plan_.unit = unit_of(mean_error());
    find_errors();
    weigh();
    fit_all([&](int x, int y) { return weight_at(x, y, 0); });
    find_errors();
    weigh();
    if (experts_ == 1) return;
    fit_classes();
    for (int i = 0; i < rounds; ++i) {
      find_errors();
      fit_experts();
    }
  }

 private:
  static constexpr int kBeside = 2, kAbove = 2;

  uint16_t* errors_at(int x, int y) {
    return errors_.data() + ((static_cast<size_t>(y) + kAbove) * (width_ + 2 * kBeside) + x + kBeside) * kExperts;
  }

  // The sum of errors that the decoder goes by.
  int near(int x, int y, int k) {
    const size_t row = static_cast<size_t>(width_ + 2 * kBeside) * kExperts;
    const uint16_t* const e = errors_at(x, y) + k;
    return 2 * (e[-kExperts] + *(e - row) + *(e - row + kExperts)) + e[-2 * kExperts] + *(e - row - kExperts) +
           *(e - row + 2 * kExperts) + *(e - 2 * row);
  }

  void find_errors() {
    PlaneState s{};
    s.width = width_;
    s.most = planes_.most(c_);
    s.middle = planes_.middle(c_);
    s.unit = plan_.unit;
    const int count = pairs_of(c_);
    for (int i = 0; i < count; ++i) {
      for (int k = 0; k < kExperts; ++k) std::copy_n(plan_.weight[k % plan_.experts] + 2 * i, 2, s.weight[i] + 2 * k);
    }
    for (int y = 0; y < height_; ++y) {
      const int16_t* pairs[kMostPairs];
      for (int i = 0; i < kOwn; ++i) pairs[i] = planes_.row(c_, y + kOwnPairs[i].dy) + kOwnPairs[i].dx;
      for (int i = kOwn; i < count; ++i) {
        const Pair& pair = kCrossPairs[(i - kOwn) % kCross];
        pairs[i] = planes_.row((i - kOwn) / kCross, y + pair.dy) + pair.dx;
      }
      uint16_t* const row = errors_at(0, y);
      kernels_.row_errors(pairs, count, s.weight, s, planes_.row(c_, y), row);
      for (int i = 0; i < kBeside; ++i) {
        std::copy_n(row, kExperts, row - (i + 1) * kExperts);
        std::copy_n(row + (width_ - 1) * kExperts, kExperts, row + (width_ + i) * kExperts);
      }
    }
  }

  // Calls visit(x, y) for the samples that are learnt from.
  template <class Visit>
  void for_samples(Visit visit) {
    int x = 0;
    for (int y = 0; y < height_; ++y) {
      for (; x < width_; x += step_) visit(x, y);
      x -= width_;
    }
  }

  // The mean error of the first predictor in sixteenths.
  int64_t mean_error() {
    plan_.unit = 0;
    find_errors();
    int64_t sum = 0, count = 0;
    for_samples([&](int x, int y) { sum += errors_at(x, y)[0], ++count; });
    return sum / count;
  }
  static int unit_of(int64_t error) {
    int unit = 0;
    while (unit < kMostUnit && error >> unit > kMostError / 16) ++unit;
    return unit;
  }

  // What samples count for: the less, the greater the errors around them.
  void weigh() {
    int64_t sum = 0, count = 0;
    for_samples([&](int x, int y) { sum += near(x, y, 0), ++count; });
    const int64_t mean = sum / count;
    half_ = std::max<int64_t>(40000, mean * mean / 2);
  }
  int weight_at(int x, int y, int k) {
    const int64_t error = near(x, y, k);
    return static_cast<int>(half_ * kOne / (half_ + error * error)) >> 8;
  }

  // Where the samples are that predict, and from which of them the difference is taken.
  void find_taps() {
    const auto taps_of = [&](int plane, const Pair* pairs, int count) {
      const ptrdiff_t from = planes_.row(plane, 0) - planes_.row(c_, 0);
      const ptrdiff_t less = from + pairs[0].dx + 1;
      for (int i = 0; i < 2 * count; ++i) {
        const Pair& pair = pairs[i / 2];
        if (i != 1) taps_[unknowns_++] = {from + pair.dy * planes_.stride() + pair.dx + (i & 1), less};
      }
    };
    taps_of(c_, kOwnPairs, kOwn);
    for (int p = 0; p < c_; ++p) taps_of(p, kCrossPairs, kCross);
    taps_[unknowns_] = {0, -1};  // the sample itself, which the others are to give
  }
  void load(int x, int y, double* v) const {
    const int16_t* const at = planes_.row(c_, y) + x;
    for (int i = 0; i <= unknowns_; ++i) v[i] = (at[taps_[i].at] - at[taps_[i].less]) >> shift_;
  }
  void add(int k, const double* v, int weight) {
    equations_[static_cast<size_t>(k)].add(kernels_, v, unknowns_ + 1, weight);
  }
  void fit(int k) {
    double solution[kMostUnknowns];
    Equations& equations = equations_[static_cast<size_t>(k)];
    equations.flush(kernels_, unknowns_ + 1);
    if (equations.solve(unknowns_, solution)) {
      const double* next = solution;
      next = round_part(next, kOwn, kUnity, plan_.weight[k]);
      for (int p = 0; p < c_; ++p) next = round_part(next, kCross, 0, plan_.weight[k] + 2 * pairs_of(p));
    }
    equations = Equations();
  }
  static const double* round_part(const double* solution, int pairs, int total, int16_t* weight) {
    int rest = total;
    for (int i = 0; i < 2 * pairs; ++i) {
      if (i == 1) continue;
      weight[i] = static_cast<int16_t>(rounded(*solution++ * kUnity, kMostWeight));
      rest -= weight[i];
    }
    // Where samples hardly differ, coefficients may be anything.
    if (std::abs(rest) > kMostImplied) {
      std::fill_n(weight, 2 * pairs, int16_t{0});
      rest = total;
    }
    weight[1] = static_cast<int16_t>(rest);
    return solution;
  }

  template <class Weight>
  void fit_all(Weight weight) {
    double v[kMostUnknowns] = {};
    for_samples([&](int x, int y) {
      load(x, y, v);
      add(0, v, weight(x, y));
    });
    fit(0);
  }

  // The first predictors: of samples with errors of about the same size around them and the same direction.
  void fit_classes() {
    Vector<uint32_t> histogram(kMostError * 10 + 1);
    int64_t count = 0;
    for_samples([&](int x, int y) { ++histogram[static_cast<size_t>(near(x, y, 0))], ++count; });
    const int sizes = std::max(1, experts_ / 2);
    int limit[kExperts] = {}, found = 0;
    int64_t below = 0;
    for (size_t i = 0; i < histogram.size() && found + 1 < sizes; ++i) {
      below += histogram[i];
      while (found + 1 < sizes && below * sizes >= count * (found + 1)) limit[found++] = static_cast<int>(i);
    }
    double v[kMostUnknowns] = {};
    for_samples([&](int x, int y) {
      const int error = near(x, y, 0), weight = weight_at(x, y, 0);
      int size = 0;
      while (size + 1 < sizes && error > limit[size]) ++size;
      const int own = std::min(experts_ - 1, 2 * size + changes_more_across(x, y));
      load(x, y, v);
      add(own, v, weight);
    });
    share_products();
    for (int k = 0; k < experts_; ++k) {
      std::copy_n(plan_.weight[0], 2 * kMostPairs, plan_.weight[k]);
      fit(k);
    }
    plan_.experts = experts_;
  }
  // Each predictor also learns a little from all samples.
  void share_products() {
    Equations all;
    for (Equations& equations : equations_) {
      equations.flush(kernels_, unknowns_ + 1);
      for (int i = 0; i < kMostUnknowns * kMostUnknowns; ++i)
        all.sums[i / kMostUnknowns][i % kMostUnknowns] += equations.sums[i / kMostUnknowns][i % kMostUnknowns];
    }
    for (Equations& equations : equations_) {
      for (int i = 0; i < kMostUnknowns * kMostUnknowns; ++i)
        equations.sums[i / kMostUnknowns][i % kMostUnknowns] += all.sums[i / kMostUnknowns][i % kMostUnknowns] / 64;
    }
  }
  bool changes_more_across(int x, int y) const {
    const int16_t *now = planes_.row(c_, y) + x, *up = planes_.row(c_, y - 1) + x, *up2 = planes_.row(c_, y - 2) + x;
    const int across = std::abs(up[0] - up[-1]) + std::abs(up[1] - up[0]) + std::abs(now[-1] - now[-2]);
    const int down = std::abs(now[-1] - up[-1]) + std::abs(up[0] - up2[0]) + std::abs(up[1] - up2[1]);
    return across > down;
  }

  // Each predictor learns from the samples where it does better than others: there, and around them.
  void fit_experts() {
    double v[kMostUnknowns] = {};
    for_samples([&](int x, int y) {
      uint64_t error[kExperts], least = ~uint64_t{0}, share[kExperts], total = 0;
      const uint16_t* const own = errors_at(x, y);
      for (int k = 0; k < experts_; ++k) {
        error[k] = 7u * static_cast<uint64_t>(near(x, y, k)) + 30u * own[k] + 56;
        least = std::min(least, error[k]);
      }
      for (int k = 0; k < experts_; ++k) {
        const uint64_t ratio = least * kOne / error[k], cube = (ratio * ratio >> 16) * ratio >> 16;
        total += share[k] = cube * cube >> 16;
      }
      const auto weight = static_cast<uint64_t>(weight_at(x, y, 0));
      load(x, y, v);
      for (int k = 0; k < experts_; ++k) {
        if (share[k] * 32 > total) add(k, v, static_cast<int>(weight * share[k] / total));
      }
    });
    for (int k = 0; k < experts_; ++k) fit(k);
  }

  const PaddedPlanes& planes_;
  const int c_, width_, height_;
  Plan& plan_;
  const EncoderKernels& kernels_;
  Vector<Equations> equations_;
  Vector<uint16_t> errors_;
  struct {
    ptrdiff_t at, less;
  } taps_[kMostUnknowns];
  int step_ = 1, experts_ = 1, unknowns_ = 0, shift_ = 0;
  int64_t half_ = 1;
};

}  // namespace

PaddedPlanes::PaddedPlanes(const Planes& planes)
    : width_(planes.width),
      height_(planes.height),
      stride_(planes.width + 2 * kEdge),
      rows_(planes.height + 2 * kEdge),
      samples_(static_cast<size_t>(stride_ * rows_ * planes.count)) {
  for (int c = 0; c < planes.count; ++c) {
    const int from = plane_coded_as(planes, c);
    most_[c] = planes.most[from];
    for (int y = -kEdge; y < height_ + kEdge; ++y) {
      const uint16_t* const in = planes.row(from, std::clamp(y, 0, height_ - 1));
      int16_t* const out = samples_.data() + (rows_ * c + y + kEdge) * stride_ + kEdge;
      for (int x = 0; x < width_; ++x) out[x] = static_cast<int16_t>(in[x] - middle(c));
      std::fill_n(out - kEdge, kEdge, out[0]);
      std::fill_n(out + width_, kEdge, out[width_ - 1]);
    }
  }
}

void train_predictors(const PaddedPlanes& planes, int c, const TrainingEffort& effort, Plan* plan) {
  Trainer(planes, c, effort, plan).run(effort.rounds);
}

void train_energy(const int32_t* numbers, const int32_t* end, int c, Plan* plan) {
  const int count = features_of(c);
  const EncoderKernels& kernels = encoder_kernels();
  double solution[kMostUnknowns] = {};
  for (int round = 0; round < 3; ++round) {
    Vector<Equations> equations(1);
    double v[kMostUnknowns] = {};
    for (const int32_t* f = numbers; f < end; f += count + 1) {
      int64_t expected = 0;
      if (round == 0) expected = (2 * (f[0] + f[2]) + f[3] + f[4]) * int64_t{256} / 6;
      for (int i = 0; round > 0 && i < count; ++i) expected += int64_t{plan->energy[i]} * f[i];
      const int64_t size = std::max<int64_t>(4, (expected >> 8) + 3);
      for (int i = 0; i <= count; ++i) v[i] = f[i];
      equations[0].add(kernels, v, count + 1, static_cast<double>(std::max<int64_t>(1, kOne / (size * size))));
    }
    equations[0].flush(kernels, count + 1);
    if (!equations[0].solve(count, solution)) return;
    for (int i = 0; i < count; ++i)
      plan->energy[i] = static_cast<int16_t>(rounded(solution[i] * 256, kMostEnergyWeight));
  }
}

}  // namespace veneer::modular::fast
