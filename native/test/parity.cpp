// Compares every kernel of the best SIMD target of this processor with the scalar one, value by value.
//
//     parity [ROUNDS]
//
// It is what tests/parity does, for processors that are emulated, where Python would be too much. Exit code: 0 all agree
// (or there are scalar kernels only, which it says); 1 not.
// Place: called by .ci/native. Source: dct.h, enc_kernels.h, prediction_kernels.h, row_filter.h and network/kernels.h say what each
// kernel is given.
#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <vector>

#include "base/dct.h"
#include "base/enc_kernels.h"
#include "base/prediction.h"
#include "base/prediction_kernels.h"
#include "base/row_filter.h"
#include "network/kernels.h"

namespace {

using namespace veneer;
using Samples = std::vector<int16_t>;

// The same numbers in every run (xorshift64*).
class Chance {
 public:
  int number(int low, int high) {
    state_ ^= state_ >> 12;
    state_ ^= state_ << 25;
    state_ ^= state_ >> 27;
    const auto range = static_cast<uint64_t>(int64_t{high} - low + 1);
    return static_cast<int>(low + static_cast<int64_t>((state_ * 0x2545f4914f6cdd1dull >> 32) % range));
  }
  bool coin() { return number(0, 1) == 1; }

  // One of four kinds of data: small or any values within low..high, both ends, one end alone.
  Samples samples(size_t count, int low, int high) {
    const int kind = number(0, 3), end = coin() ? low : high, middle = (low + high) / 2, small = (high - low) / 40;
    Samples all(count);
    for (int16_t& one : all) {
      one = static_cast<int16_t>(kind == 0   ? number(middle - small, middle + small)
                                 : kind == 1 ? number(low, high)
                                 : kind == 2 ? (coin() ? low : high)
                                             : end);
    }
    return all;
  }

 private:
  uint64_t state_ = 88172645463325252ull;
};

Chance chance;
int64_t compared = 0, different = 0;

template <typename T>
void same(const T& expected, const T& found, const char* what, int a, int b, int c = 0, int d = 0) {
  ++compared;
  if (expected == found) return;
  if (++different <= 50) std::printf("%s differs: %d %d %d %d\n", what, a, b, c, d);
}

Tx any_transform(int log2_size) { return log2_size <= 4 && chance.coin() ? Tx::kDst : Tx::kDct; }

void compare_transforms(const TransformKernels& scalar, const TransformKernels& simd, int log2_w, int log2_h) {
  const int w = 1 << log2_w, h = 1 << log2_h, across = std::min(w, kMaxFrequencies),
            down = std::min(h, kMaxFrequencies);
  const size_t size = static_cast<size_t>(w) * h, coded = static_cast<size_t>(across) * down;
  const Tx horizontal = any_transform(log2_w), vertical = any_transform(log2_h);
  const int reach = chance.coin() ? 800 : 32767;
  const Samples coefficients = chance.samples(coded, -reach - 1, reach);
  const bool dense = chance.coin();
  const int nz_w = dense ? across : chance.number(1, across), nz_h = dense ? down : chance.number(1, down);
  Samples a(size), b(size);
  scalar.inverse(coefficients.data(), log2_w, log2_h, horizontal, vertical, nz_w, nz_h, a.data());
  simd.inverse(coefficients.data(), log2_w, log2_h, horizontal, vertical, nz_w, nz_h, b.data());
  same(a, b, "inverse", log2_w, log2_h, nz_w, nz_h);
  scalar.inverse_fine(coefficients.data(), log2_w, log2_h, horizontal, vertical, nz_w, nz_h, a.data());
  simd.inverse_fine(coefficients.data(), log2_w, log2_h, horizontal, vertical, nz_w, nz_h, b.data());
  same(a, b, "inverse_fine", log2_w, log2_h, nz_w, nz_h);
}

void compare_forward(const EncoderKernels& scalar, const EncoderKernels& simd, int log2_w, int log2_h) {
  const int w = 1 << log2_w, h = 1 << log2_h;
  const size_t coded = static_cast<size_t>(std::min(w, kMaxFrequencies)) * std::min(h, kMaxFrequencies);
  const Tx horizontal = any_transform(log2_w), vertical = any_transform(log2_h);
  const int stride = w + chance.number(0, 9);
  const Samples residual = chance.samples(static_cast<size_t>(stride) * h, -2047, 2047);
  std::vector<int32_t> c(coded), d(coded);
  scalar.forward(residual.data(), stride, log2_w, log2_h, horizontal, vertical, c.data());
  simd.forward(residual.data(), stride, log2_w, log2_h, horizontal, vertical, d.data());
  same(c, d, "forward", log2_w, log2_h, static_cast<int>(horizontal), static_cast<int>(vertical));
}

void compare_metrics(const EncoderKernels& scalar, const EncoderKernels& simd, int log2_w, int log2_h) {
  const int w = 1 << log2_w, h = 1 << log2_h, stride_a = w + chance.number(0, 9), stride_b = w + chance.number(0, 9);
  const auto block = [h](int stride, int low, int high) {
    return chance.samples(static_cast<size_t>(stride) * h, low, high);
  };
  Samples a = block(stride_a, -1023, 1024), b = block(stride_b, -1023, 1024);
  same(scalar.satd(a.data(), stride_a, b.data(), stride_b, w, h),
       simd.satd(a.data(), stride_a, b.data(), stride_b, w, h), "satd", w, h);
  a = block(stride_a, -16384, 16383);
  b = block(stride_b, -16384, 16383);
  same(scalar.sse(a.data(), stride_a, b.data(), stride_b, w, h), simd.sse(a.data(), stride_a, b.data(), stride_b, w, h),
       "sse", w, h);
}

void compare_add_residual(const TransformKernels& scalar, const TransformKernels& simd, int log2_h) {
  const int h = 1 << log2_h;
  const int width = 4 * chance.number(1, 16), low = chance.coin() ? -32768 : -1024, high = -1 - low;
  const int stride = width + chance.number(0, 5);
  const Samples prediction = chance.samples(static_cast<size_t>(stride) * h, -32768, 32767);
  const Samples residual = chance.samples(static_cast<size_t>(width) * h, -32768, 32767);
  Samples c(prediction.size(), 7), d(prediction.size(), 7);
  scalar.add_residual(prediction.data(), stride, residual.data(), width, h, low, high, c.data(), stride);
  simd.add_residual(prediction.data(), stride, residual.data(), width, h, low, high, d.data(), stride);
  same(c, d, "add_residual", width, h, low, high);
}

Edges any_edges(int log2_w, int log2_h) {
  const int length = 1 + (1 << log2_w) + (1 << log2_h) + 8, reach = chance.coin() ? 510 : 8191;
  Samples top = chance.samples(length, -reach - 1, reach), left = chance.samples(length, -reach - 1, reach);
  left[0] = top[0];
  Edges edges{};
  std::copy(top.begin(), top.end(), edges.top() - 1);
  std::copy(left.begin(), left.end(), edges.left() - 1);
  return edges;
}

void compare_predictions(const PredictionKernels& scalar, const PredictionKernels& simd, int log2_w, int log2_h) {
  const int w = 1 << log2_w, h = 1 << log2_h, stride = w + chance.number(0, 5);
  const size_t size = static_cast<size_t>(stride) * h;
  const Edges edges = any_edges(log2_w, log2_h);
  const auto both = [&](const char* what, int number, const auto& call) {
    Samples a(size, -32768), b(size, -32768);
    call(scalar, a.data());
    call(simd, b.data());
    same(a, b, what, log2_w, log2_h, number, stride);
  };
  for (int mode = 0; mode < kModes; ++mode) {
    both("predict", mode, [&](const PredictionKernels& k, int16_t* out) {
      k.predict(mode, edges.top(), edges.left(), log2_w, log2_h, out, stride);
    });
  }
  const SampleRange range = range_of_depth(chance.coin() ? 8 : 16);
  const Samples any = chance.samples(size, 0, range.top);
  for (int alpha = -16; alpha < 16; ++alpha) {
    both("predict_from_luma", alpha, [&](const PredictionKernels& k, int16_t* out) {
      k.predict_from_luma(alpha, edges.top(), edges.left(), any.data(), stride, log2_w, log2_h, range.widest, out,
                          stride);
    });
  }
  const Samples luma = chance.samples(size, 0, range.top), chroma = chance.samples(size, -range.widest, range.widest);
  const int s = chance.number(-512, 512), t = chance.coin() ? 512 : chance.number(-512, 512);
  const int mean[2] = {chance.number(0, range.top), chance.number(-range.widest, range.widest)};
  const int base = chance.number(-range.widest, range.widest);
  both("predict_by_slopes", s, [&](const PredictionKernels& k, int16_t* out) {
    k.predict_by_slopes(s, t, mean, base, luma.data(), chroma.data(), stride, log2_w, log2_h, range.widest, out,
                        stride);
  });
}

void compare_sums(const EncoderKernels& scalar, const EncoderKernels& simd, int log2_w, int log2_h) {
  const int w = 1 << log2_w, h = 1 << log2_h, stride = w + chance.number(0, 5);
  const size_t size = static_cast<size_t>(stride) * h;
  const Samples source = chance.samples(size, -16384, 16383);
  const Samples block = chance.samples(static_cast<size_t>(w) * h, -16384, 16383);
  Samples c(block.size()), d(block.size());
  scalar.subtract(source.data(), stride, block.data(), w, h, c.data());
  simd.subtract(source.data(), stride, block.data(), w, h, d.data());
  same(c, d, "subtract", w, h);
  constexpr SampleRange kRange = range_of_depth(10);
  const Samples luma = chance.samples(size, 0, kRange.top),
                chroma = chance.samples(size, -kRange.widest, kRange.widest);
  const ChromaSums a = scalar.chroma_sums(luma.data(), chroma.data(), stride, stride, w, h);
  const ChromaSums b = simd.chroma_sums(luma.data(), chroma.data(), stride, stride, w, h);
  same(true, std::memcmp(&a, &b, sizeof a) == 0, "chroma_sums", w, h);
}

void compare_colour(const PredictionKernels& scalar, const PredictionKernels& simd) {
  const int n = chance.number(1, 200), reach = chance.coin() ? 1100 : 32767;
  const Samples luma = chance.samples(n, -reach - 1, reach), co = chance.samples(n, -reach - 1, reach);
  const Samples cg = chance.samples(n, -reach - 1, reach);
  std::vector<uint8_t> a(3 * n), b(3 * n);
  scalar.store_colour(luma.data(), co.data(), cg.data(), n, a.data());
  simd.store_colour(luma.data(), co.data(), cg.data(), n, b.data());
  same(a, b, "store_colour", n, reach);
}

void compare_load_colour(const EncoderKernels& scalar, const EncoderKernels& simd) {
  const int n = chance.number(1, 200);
  std::vector<uint8_t> rgb(3 * n);
  for (uint8_t& sample : rgb) sample = static_cast<uint8_t>(chance.number(0, 255));
  Samples planes[2][3];
  const EncoderKernels* const kernels[2] = {&scalar, &simd};
  for (int i = 0; i < 2; ++i) {
    for (Samples& plane : planes[i]) plane.resize(n);
    kernels[i]->load_colour(rgb.data(), n, planes[i][0].data(), planes[i][1].data(), planes[i][2].data());
  }
  for (int c = 0; c < 3; ++c) same(planes[0][c], planes[1][c], "load_colour", n, c);
}

void compare_cells(const PredictionKernels& scalar, const PredictionKernels& simd) {
  const int sizes[] = {0, 1, 2, 4, 8, 16}, high = chance.coin() ? 255 : 20;
  const int above = sizes[chance.number(0, 5)], before = sizes[chance.number(above == 0 ? 1 : 0, 5)];
  UnitCells top[16], left[16];
  for (UnitCells* side : {top, left}) {
    for (int i = 0; i < 16 * kCells; ++i)
      side[i / kCells].cell[i % kCells] = static_cast<uint8_t>(chance.number(0, high));
  }
  std::vector<uint16_t> cells[2];
  int sums[2];
  const PredictionKernels* const kernels[2] = {&scalar, &simd};
  for (int i = 0; i < 2; ++i) {
    cells[i].resize(kCells);
    sums[i] = kernels[i]->expected_cells(above ? top : nullptr, above, before ? left : nullptr, before,
                                         sizeof(UnitCells), cells[i].data());
  }
  same(sums[0], sums[1], "sum of expected_cells", above, before);
  same(cells[0], cells[1], "expected_cells", above, before);
}

void compare_filters(const FilterKernels& scalar, const FilterKernels& simd) {
  const int width = chance.number(1, 90), stride = width + 8;
  const int extra = chance.coin() ? 4 : 0, reach = extra == 0 ? 2040 : 8191;
  const Samples rows = chance.samples(static_cast<size_t>(7) * stride, -reach, reach);
  const int16_t* middle = rows.data() + 3 * stride + 4;
  std::vector<int32_t> activity(width), sums[2], changes[2];
  for (int32_t& one : activity) one = chance.number(0, 3000);
  ClassTaps taps;
  taps.classes = chance.number(1, kMaxFilterClasses);
  for (int& threshold : taps.threshold) threshold = chance.number(0, 3000);
  std::sort(taps.threshold, taps.threshold + kMaxFilterClasses - 1);
  for (auto& row : taps.tap) {
    for (int8_t& tap : row) tap = static_cast<int8_t>(chance.number(-128, 127));
  }
  const int count = chance.number(1, kMaxFilterFeatures);
  FilterFeature features[kMaxFilterFeatures];
  for (FilterFeature& one : features) {
    const ptrdiff_t offset = chance.number(-3, 3) * stride + chance.number(-3, 3);
    one = chance.coin() ? around(middle, offset, static_cast<int16_t>(chance.number(0, 600)))
                        : between(middle + offset, middle);
  }
  const int shift = chance.number(0, 10);
  Samples filtered[2];
  const FilterKernels* const kernels[2] = {&scalar, &simd};
  for (int i = 0; i < 2; ++i) {
    std::vector<uint16_t> scratch(width + 4);
    for (auto* out : {&sums[i], &changes[i]}) out->resize(width);
    kernels[i]->curvature(middle, stride, width, extra, scratch.data(), sums[i].data());
    const int32_t* const five[5] = {sums[i].data(), activity.data(), sums[i].data(), activity.data(), sums[i].data()};
    std::vector<int32_t> total(width);
    kernels[i]->add_rows(five, width, total.data());
    sums[i].insert(sums[i].end(), total.begin(), total.end());
    kernels[i]->weight(taps, features, count, activity.data(), width, changes[i].data());
    filtered[i].assign(middle, middle + width);
    kernels[i]->apply(changes[i].data(), shift, -1024, 1023, width, filtered[i].data());
  }
  same(sums[0], sums[1], "activity", width, 0);
  same(changes[0], changes[1], "weight", width, count, taps.classes);
  same(filtered[0], filtered[1], "apply", width, shift);
}

void compare_rows(const network::Kernels& scalar, const network::Kernels& simd) {
  const int count = chance.number(1, 100), shift = chance.number(0, 15), long_shift = chance.number(0, 30);
  const Samples a = chance.samples(count, -32768, 32767), b = chance.samples(count, -32768, 32767);
  const int first = chance.number(-32767, 32767), room = 32767 - std::abs(first);
  const network::Mix mix = {first, chance.number(-room, room), shift, chance.number(-32768, 0),
                            chance.number(0, 32767)};
  Samples c(count), d(count);
  scalar.mix(a.data(), b.data(), count, mix, c.data());
  simd.mix(a.data(), b.data(), count, mix, d.data());
  same(c, d, "mix", count, shift);
  scalar.multiply(a.data(), b.data(), count, long_shift, mix.low, mix.high, c.data());
  simd.multiply(a.data(), b.data(), count, long_shift, mix.low, mix.high, d.data());
  same(c, d, "multiply", count, long_shift);
}

}  // namespace

int main(int count, char** words) {
  const int rounds = count > 1 ? std::atoi(words[1]) : 100;
  const char* name = kernels().name;
  const TransformKernels& transforms = kernels();
  const EncoderKernels& encoder = encoder_kernels();
  const PredictionKernels& predictions = prediction_kernels();
  const FilterKernels& filters = filter_kernels();
  const network::Kernels& networks = *network::find_kernels("auto");
  for (int round = 0; round < rounds; ++round) {
    for (int log2_w = 2; log2_w <= 6; ++log2_w) {
      for (int log2_h = 2; log2_h <= 6; ++log2_h) {
        compare_transforms(scalar_kernels(), transforms, log2_w, log2_h);
        compare_add_residual(scalar_kernels(), transforms, log2_h);
        compare_forward(scalar_encoder_kernels(), encoder, log2_w, log2_h);
        compare_metrics(scalar_encoder_kernels(), encoder, log2_w, log2_h);
        compare_sums(scalar_encoder_kernels(), encoder, log2_w, log2_h);
        if (std::abs(log2_w - log2_h) > 1) continue;
        compare_predictions(scalar_prediction_kernels(), predictions, log2_w, log2_h);
      }
    }
    for (int i = 0; i < 10; ++i) {
      compare_colour(scalar_prediction_kernels(), predictions);
      compare_load_colour(scalar_encoder_kernels(), encoder);
      compare_cells(scalar_prediction_kernels(), predictions);
      compare_filters(scalar_filter_kernels(), filters);
      compare_rows(*network::scalar_kernels(), networks);
    }
  }
  std::printf("%s and %s against scalar: %lld comparisons, %lld differences\n", name, networks.name,
              static_cast<long long>(compared), static_cast<long long>(different));
  return different == 0 ? 0 : 1;
}
