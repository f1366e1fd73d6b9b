// Reference kernels of the encoder: the formulas of enc_kernels.h written down.
//
// Place: the definition every SIMD target is tested against, and the fallback on other CPUs.
#include <cstdlib>

#include "base/dct_scalar_inl.h"
#include "base/enc_kernels.h"

#define VENEER_TARGET enc_scalar
#include "base/enc_pixel_rows_inl.h"

namespace veneer {
namespace {

void forward_scalar(const int16_t* residual, ptrdiff_t stride, int log2_w, int log2_h, Tx horizontal, Tx vertical,
                    int32_t* coef) {
  const int w = 1 << log2_w, h = 1 << log2_h;
  const Basis& across = basis_of(horizontal, log2_w);
  const Basis& down = basis_of(vertical, log2_h);
  int16_t rows[kMaxBlock][kMaxFrequencies];
  for (int y = 0; y < h; ++y) {
    for (int u = 0; u < coded(w); ++u) {
      uint32_t sum = 0;
      for (int x = 0; x < w; ++x) sum += product(across.value[u][x], residual[y * stride + x]);
      rows[y][u] = saturate16(round_shift(sum, 8 + log2_w));
    }
  }
  for (int v = 0; v < coded(h); ++v) {
    for (int u = 0; u < coded(w); ++u) {
      uint32_t sum = 0;
      for (int y = 0; y < h; ++y) sum += product(down.value[v][y], rows[y][u]);
      coef[v * coded(w) + u] = round_shift(sum, 6 + log2_h);
    }
  }
}

int64_t sse_scalar(const int16_t* a, ptrdiff_t stride_a, const int16_t* b, ptrdiff_t stride_b, int w, int h) {
  int64_t sum = 0;
  for (int y = 0; y < h; ++y) {
    for (int x = 0; x < w; ++x) {
      const int64_t difference = a[y * stride_a + x] - b[y * stride_b + x];
      sum += difference * difference;
    }
  }
  return sum;
}

// Unnormalized Hadamard transform of n values `step` apart.
void hadamard(int32_t* values, int n, int step) {
  for (int half = n / 2; half > 0; half /= 2) {
    for (int i = 0; i < n; ++i) {
      if (i & half) continue;
      const int32_t a = values[i * step], b = values[(i + half) * step];
      values[i * step] = a + b;
      values[(i + half) * step] = a - b;
    }
  }
}

int64_t satd_scalar(const int16_t* a, ptrdiff_t stride_a, const int16_t* b, ptrdiff_t stride_b, int w, int h) {
  const int n = w == 4 || h == 4 ? 4 : 8;
  int64_t total = 0;
  for (int y0 = 0; y0 < h; y0 += n) {
    for (int x0 = 0; x0 < w; x0 += n) {
      int32_t block[64];
      for (int y = 0; y < n; ++y) {
        for (int x = 0; x < n; ++x) {
          block[y * n + x] = a[(y0 + y) * stride_a + x0 + x] - b[(y0 + y) * stride_b + x0 + x];
        }
      }
      for (int i = 0; i < n; ++i) hadamard(block + i * n, n, 1);
      for (int i = 0; i < n; ++i) hadamard(block + i, n, n);
      int64_t sum = 0;
      for (int i = 0; i < n * n; ++i) sum += std::abs(block[i]);
      total += n == 4 ? (sum + 1) >> 1 : (sum + 2) >> 2;
    }
  }
  return total;
}

void subtract(const int16_t* source, ptrdiff_t stride, const int16_t* prediction, int w, int h, int16_t* out) {
  for (int y = 0; y < h; ++y) {
    for (int x = 0; x < w; ++x) out[y * w + x] = static_cast<int16_t>(source[y * stride + x] - prediction[y * w + x]);
  }
}

ChromaSums chroma_sums(const int16_t* luma, const int16_t* chroma, ptrdiff_t stride_luma, ptrdiff_t stride_chroma,
                       int w, int h) {
  ChromaSums sums{};
  for (int y = 0; y < h; ++y, luma += stride_luma, chroma += stride_chroma) {
    int row_l = 0, row_c = 0, row_ll = 0, row_lc = 0;
    for (int x = 0; x < w; ++x) {
      row_l += luma[x];
      row_c += chroma[x];
      row_ll += luma[x] * luma[x];
      row_lc += luma[x] * chroma[x];
    }
    sums.luma += row_l;
    sums.chroma += row_c;
    sums.luma_luma += row_ll;
    sums.luma_chroma += row_lc;
  }
  return sums;
}

constexpr EncoderKernels kScalarKernels = {"scalar",    forward_scalar,         sse_scalar, satd_scalar, subtract,
                                           chroma_sums, enc_scalar::load_colour};

}  // namespace

const EncoderKernels& scalar_encoder_kernels() { return kScalarKernels; }

}  // namespace veneer
