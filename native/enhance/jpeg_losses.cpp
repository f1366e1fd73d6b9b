#include "enhance/jpeg_losses.h"

#include <algorithm>
#include <cstdlib>

#include "base/unit.h"

namespace veneer {
namespace {

constexpr int kBlockUnits = jpeg::kBlockSide / kUnit;
constexpr int kMostRatio = 4;
constexpr int kMostSide = jpeg::kBlockSide * kMostRatio;
constexpr int kMostStep = 172;  // coarser tables count as this
constexpr int kUnitStep = 64, kPerOctave = 16;
constexpr int kLowFrequencies = 15, kHighFrequencies = jpeg::kBlockSize - kLowFrequencies;
constexpr int kLowDiagonals = 5;  // of the low frequencies

// Orthonormal cosine transform of 8 samples in 1/2^12, rows of frequency.
constexpr int kTransformBits = 12;
constexpr int32_t kTransform[jpeg::kBlockSide][jpeg::kBlockSide] = {
    {1448, 1448, 1448, 1448, 1448, 1448, 1448, 1448},     {2009, 1703, 1138, 400, -400, -1138, -1703, -2009},
    {1892, 784, -784, -1892, -1892, -784, 784, 1892},     {1703, -400, -2009, -1138, 1138, 2009, 400, -1703},
    {1448, -1448, -1448, 1448, 1448, -1448, -1448, 1448}, {1138, -2009, 400, 1703, -1703, -400, 2009, -1138},
    {784, -1892, 1892, -784, -784, 1892, -1892, 784},     {400, -1138, 1703, -2009, 2009, -1703, 1138, -400}};

// What enlarging chroma twice and reducing it by means leaves of each frequency, in 1/256.
constexpr int kResponse[jpeg::kBlockSide] = {256, 251, 237, 216, 192, 168, 147, 133};

// Counts from which the next bucket begins.
constexpr int kBuckets[] = {1, 2, 3, 5, 7, 11, 15, 22, 31, 45, 63};

uint8_t bucket_of(int count) {
  int bucket = 0;
  for (const int first : kBuckets) bucket += count >= first;
  return static_cast<uint8_t>(bucket);
}

constexpr int kLogBits = 24;

// The logarithm of 1..65535 to the base 2, in 1/2^24.
int64_t log2_of(uint32_t value) {
  int64_t result = 0;
  while (value >> (result + 1) != 0) ++result;
  uint64_t x = uint64_t{value} << (31 - result);  // in 2^31 .. 2^32 - 1
  for (int i = 0; i < kLogBits; ++i) {
    x = x * x >> 31;
    const int64_t bit = static_cast<int64_t>(x >> 32);
    x >>= bit;
    result = 2 * result + bit;
  }
  return result;
}

// Sums of logarithms of a table's low frequencies or of the others.
int64_t sum_of_logs(const uint16_t* table, bool low) {
  int64_t sum = 0;
  for (int i = 0; i < jpeg::kBlockSize; ++i) {
    if ((i / jpeg::kBlockSide + i % jpeg::kBlockSide < kLowDiagonals) == low)
      sum += log2_of(std::max<uint32_t>(table[i], 1));
  }
  return sum;
}

// a / b to the nearest whole number; b > 0.
int64_t rounded_ratio(int64_t a, int64_t b) {
  const int64_t doubled = 2 * a + b, whole = doubled / (2 * b);
  return whole - (doubled % (2 * b) < 0);
}

// log2(mean of the steps of some frequencies) in sixteenths of an octave, for `sum` logarithms of which `count` are one.
int sixteenths(int64_t sum, int count) {
  return static_cast<int>(rounded_ratio(kPerOctave * sum, int64_t{count} << kLogBits));
}

int16_t setting(int value) { return static_cast<int16_t>(std::clamp(value, -64, 63)); }

// Coefficients of 8 x 8 samples, 2 * kTransformBits fraction bits.
void transform(const int32_t (*samples)[jpeg::kBlockSide], int64_t (*out)[jpeg::kBlockSide]) {
  int32_t columns[jpeg::kBlockSide][jpeg::kBlockSide];
  for (int v = 0; v < jpeg::kBlockSide; ++v) {
    int32_t sums[jpeg::kBlockSide] = {};
    for (int y = 0; y < jpeg::kBlockSide; ++y) {
      for (int x = 0; x < jpeg::kBlockSide; ++x) sums[x] += kTransform[v][y] * samples[y][x];
    }
    std::copy_n(sums, jpeg::kBlockSide, columns[v]);
  }
  for (int v = 0; v < jpeg::kBlockSide; ++v) {
    for (int u = 0; u < jpeg::kBlockSide; ++u) {
      int64_t sum = 0;
      for (int x = 0; x < jpeg::kBlockSide; ++x) sum += int64_t{columns[v][x]} * kTransform[u][x];
      out[v][u] = sum;
    }
  }
}

struct Counts {
  int present = 0, large = 0, column = 0, row = 0;
};

// Counts coefficients but the first that are at least a threshold, or three times as large.
Counts count_coefficients(const int64_t (*coefficients)[jpeg::kBlockSide], const int64_t* thresholds) {
  Counts counts;
  for (int v = 0; v < jpeg::kBlockSide; ++v) {
    for (int u = v == 0 ? 1 : 0; u < jpeg::kBlockSide; ++u) {
      const int64_t magnitude = std::abs(coefficients[v][u]), threshold = thresholds[jpeg::kBlockSide * v + u];
      if (magnitude < threshold) continue;
      ++counts.present;
      counts.large += magnitude >= 3 * threshold;
      counts.column = std::max(counts.column, u);
      counts.row = v;
    }
  }
  return counts;
}

// The makers of the maps of one block of chroma after the other.
class Maps {
 public:
  Maps(const View<const uint8_t>& pixels, const JpegCoding& coding, const View<uint8_t>& out)
      : pixels_(pixels), across_(coding.across), down_(coding.down), out_(out) {
    for (int i = 0; i < jpeg::kBlockSize; ++i) {
      const int vertical = down_ == 2 ? kResponse[i / jpeg::kBlockSide] : 256,
                horizontal = across_ == 2 ? kResponse[i % jpeg::kBlockSide] : 256;
      luma_[i] = int64_t{coding.luma[i]} << (2 * kTransformBits - 1);
      chroma_[i] = int64_t{coding.chroma[i]} * vertical * horizontal * across_ * down_ << (2 * kTransformBits - 17);
    }
  }

  // Of the block of chroma in column i and row j.
  void make(int i, int j) {
    load(i * jpeg::kBlockSide * across_, j * jpeg::kBlockSide * down_);
    const int u = i * kBlockUnits * across_, v = j * kBlockUnits * down_;
    const uint8_t cb = count_chroma(blue_), cr = count_chroma(red_);
    for (int y = 0; y < down_; ++y) {
      for (int x = 0; x < across_; ++x) {
        const Counts counts = count_luma(x, y);
        for (int k = 0; k < kBlockUnits * kBlockUnits; ++k) {
          const int column = k % kBlockUnits, row = k / kBlockUnits;
          const uint8_t values[kJpegMapChannels] = {static_cast<uint8_t>(column),
                                                    static_cast<uint8_t>(row),
                                                    static_cast<uint8_t>(x),
                                                    static_cast<uint8_t>(y),
                                                    bucket_of(counts.present),
                                                    static_cast<uint8_t>(counts.column),
                                                    static_cast<uint8_t>(counts.row),
                                                    bucket_of(counts.large),
                                                    cb,
                                                    cr};
          write(u + kBlockUnits * x + column, v + kBlockUnits * y + row, values);
        }
      }
    }
  }

 private:
  // Luma, and differences of blue and red from it, of the pixels from a corner on.
  void load(int left, int top) {
    const int last = pixels_.channels - 1;
    for (int y = 0; y < jpeg::kBlockSide * down_; ++y) {
      const uint8_t* const row = pixels_.row(std::min(top + y, pixels_.height - 1));
      for (int x = 0; x < jpeg::kBlockSide * across_; ++x) {
        const uint8_t* const p = row + static_cast<ptrdiff_t>(std::min(left + x, pixels_.width - 1)) * pixels_.channels;
        const int r = p[0], g = p[std::min(1, last)], b = p[last];
        grey_[y][x] = ((77 * r + 150 * g + 29 * b + 128) >> 8) - 128;
        blue_[y][x] = (128 * b - 43 * r - 85 * g + 128) >> 8;
        red_[y][x] = (128 * r - 107 * g - 21 * b + 128) >> 8;
      }
    }
  }

  Counts count_luma(int x, int y) const {
    int32_t samples[jpeg::kBlockSide][jpeg::kBlockSide];
    for (int i = 0; i < jpeg::kBlockSide; ++i)
      std::copy_n(&grey_[jpeg::kBlockSide * y + i][jpeg::kBlockSide * x], jpeg::kBlockSide, samples[i]);
    int64_t coefficients[jpeg::kBlockSide][jpeg::kBlockSide];
    transform(samples, coefficients);
    return count_coefficients(coefficients, luma_);
  }

  uint8_t count_chroma(const int32_t (*difference)[kMostSide]) const {
    if (pixels_.channels == 1) return 0;
    int32_t samples[jpeg::kBlockSide][jpeg::kBlockSide] = {};
    for (int y = 0; y < jpeg::kBlockSide * down_; ++y) {
      for (int x = 0; x < jpeg::kBlockSide * across_; ++x) samples[y / down_][x / across_] += difference[y][x];
    }
    int64_t coefficients[jpeg::kBlockSide][jpeg::kBlockSide];
    transform(samples, coefficients);
    return bucket_of(count_coefficients(coefficients, chroma_).present);
  }

  void write(int u, int v, const uint8_t* values) {
    if (u < out_.width && v < out_.height) std::copy_n(values, kJpegMapChannels, out_.at(u, v));
  }

  View<const uint8_t> pixels_;
  int across_, down_;
  View<uint8_t> out_;
  int64_t luma_[jpeg::kBlockSize], chroma_[jpeg::kBlockSize];
  int32_t grey_[kMostSide][kMostSide], blue_[kMostSide][kMostSide], red_[kMostSide][kMostSide];
};

int cells(int size, int side) { return (size + side - 1) / side; }

}  // namespace

JpegCoding coding_of(const jpeg::Image& image) {
  const jpeg::Component& luma = image.component[0];
  const jpeg::Component& chroma = image.component[image.count == 3 ? 1 : 0];
  JpegCoding coding;
  std::copy_n(image.quantization[luma.table], jpeg::kBlockSize, coding.luma);
  std::copy_n(image.quantization[chroma.table], jpeg::kBlockSize, coding.chroma);
  coding.across = std::clamp(luma.h / chroma.h, 1, kMostRatio);
  coding.down = std::clamp(luma.v / chroma.v, 1, kMostRatio);
  return coding;
}

JpegStrength strength_of(const JpegCoding& coding) {
  const int64_t low = sum_of_logs(coding.luma, true), high = sum_of_logs(coding.luma, false),
                chroma = sum_of_logs(coding.chroma, true);
  constexpr int kOctaves[kMostRatio + 1] = {0, 0, 16, 25, 32};  // 16 log2 of a ratio
  const int step = kUnitStep + sixteenths(low, kLowFrequencies);
  const int64_t steeper = kLowFrequencies * high - kHighFrequencies * low;
  return {static_cast<uint8_t>(std::min(kMostStep, step)),
          {setting(sixteenths(chroma - low, kLowFrequencies)),
           setting(sixteenths(steeper, kLowFrequencies * kHighFrequencies)), setting(kOctaves[coding.across]),
           setting(kOctaves[coding.down])}};
}

Image<uint8_t> jpeg_maps(const View<const uint8_t>& pixels, const JpegCoding& coding, Runner& runner) {
  Image<uint8_t> result(cells(pixels.width, kUnit), cells(pixels.height, kUnit), kJpegMapChannels);
  const int columns = cells(pixels.width, jpeg::kBlockSide * coding.across);
  run_parallel(runner, cells(pixels.height, jpeg::kBlockSide * coding.down), [&](int j) {
    Maps maps(pixels, coding, result.view());
    for (int i = 0; i < columns; ++i) maps.make(i, j);
  });
  return result;
}

}  // namespace veneer
