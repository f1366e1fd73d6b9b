// Reference kernels of block transforms and block metrics: the formulas of dct.h written down.
//
// Place: the definition every SIMD target is tested against, and the fallback on other CPUs.
// Source: docs/format.md, "Inverse transform".
#include <cstdlib>

#include "base/dct.h"
#include "base/dct_tables.h"

namespace veneer {
namespace {

int16_t saturate16(int32_t value) {
  return static_cast<int16_t>(value < -32768 ? -32768 : value > 32767 ? 32767 : value);
}

// Sums are taken modulo 2^32, which only a hostile stream (64-point, huge coefficients) can notice.
uint32_t product(int basis_entry, int value) { return static_cast<uint32_t>(basis_entry * value); }

// (sum + half) >> shift on the two's complement value of `sum`.
int32_t round_shift(uint32_t sum, int shift) { return static_cast<int32_t>(sum + (1u << (shift - 1))) >> shift; }

int coded(int size) { return size < kMaxFrequencies ? size : kMaxFrequencies; }

// One dimension of the basis, [frequency][sample].
struct Basis {
  int16_t value[kMaxFrequencies][kMaxBlock];

  Basis(Tx type, int n) {
    for (int k = 0; k < coded(n); ++k) {
      for (int i = 0; i < n; ++i) value[k][i] = static_cast<int16_t>(basis_value(type, n, k, i));
    }
  }
};

// Built once for each of the 8 dimensions a block can have.
const Basis& basis_of(Tx type, int log2_n) {
  static const Basis dct[] = {{Tx::kDct, 4}, {Tx::kDct, 8}, {Tx::kDct, 16}, {Tx::kDct, 32}, {Tx::kDct, 64}};
  static const Basis dst[] = {{Tx::kDst, 4}, {Tx::kDst, 8}, {Tx::kDst, 16}};
  return type == Tx::kDst ? dst[log2_n - 2] : dct[log2_n - 2];
}

void inverse_scalar(const int16_t* coef, int log2_w, int log2_h, Tx horizontal, Tx vertical, int nz_w, int nz_h,
                    int16_t* residual) {
  const int w = 1 << log2_w, h = 1 << log2_h, stride = coded(w);
  const Basis& across = basis_of(horizontal, log2_w);
  const Basis& down = basis_of(vertical, log2_h);
  int16_t columns[kMaxBlock][kMaxFrequencies];
  for (int y = 0; y < h; ++y) {
    for (int u = 0; u < nz_w; ++u) {
      uint32_t sum = 0;
      for (int k = 0; k < nz_h; ++k) sum += product(down.value[k][y], coef[k * stride + u]);
      columns[y][u] = saturate16(round_shift(sum, 11));
    }
  }
  for (int y = 0; y < h; ++y) {
    for (int x = 0; x < w; ++x) {
      uint32_t sum = 0;
      for (int k = 0; k < nz_w; ++k) sum += product(across.value[k][x], columns[y][k]);
      residual[y * w + x] = saturate16(round_shift(sum, 15));
    }
  }
}

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

void add_residual_scalar(const int16_t* prediction, ptrdiff_t prediction_stride, const int16_t* residual, int w, int h,
                         int low, int high, int16_t* recon, ptrdiff_t recon_stride) {
  for (int y = 0; y < h; ++y) {
    for (int x = 0; x < w; ++x) {
      const int sum = prediction[y * prediction_stride + x] + residual[y * w + x];
      recon[y * recon_stride + x] = static_cast<int16_t>(sum < low ? low : sum > high ? high : sum);
    }
  }
}

constexpr TransformKernels kScalarKernels = {"scalar",   inverse_scalar, forward_scalar,
                                             sse_scalar, satd_scalar,    add_residual_scalar};

}  // namespace

int basis(Tx type, int n, int k, int i) { return basis_value(type, n, k, i); }

const TransformKernels& scalar_kernels() { return kScalarKernels; }

}  // namespace veneer
