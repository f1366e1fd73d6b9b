// Reference kernels of inverse block transforms: the formulas of dct.h written down.
//
// Place: the definition every SIMD target is tested against, and the fallback on other CPUs.
// Source: docs/format.md, "Inverse transform".
#include "base/dct.h"
#include "base/dct_scalar_inl.h"
#include "base/dct_tables.h"

namespace veneer {
namespace {

// kLast: what the second pass shifts by.
template <int kLast>
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
      residual[y * w + x] = saturate16(round_shift(sum, kLast));
    }
  }
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

constexpr TransformKernels kScalarKernels = {"scalar", SimdTarget::kScalar, inverse_scalar<15>, inverse_scalar<11>,
                                             add_residual_scalar};

}  // namespace

int basis(Tx type, int n, int k, int i) { return basis_value(type, n, k, i); }

const TransformKernels& scalar_kernels() { return kScalarKernels; }

}  // namespace veneer
