// Block transforms of the base layer: interface and function table.
//
// A block of W x H samples (W, H in 4..64, at most 2:1 apart) has coefficients in the "amplitude"
// domain: a flat block of value A has one coefficient, DC = 16 A. One dimension of size N is
//     x[n] = sum_k B_N[k][n] c[k],
//     DCT:  B_N[0][n] = 1,  B_N[k][n] = sqrt(2) cos(pi (2n+1) k / 2N)
//     DST:  B_N[k][n] = sqrt(2) sin(pi (2n+1)(2k+1) / 4N)              (DST-IV, N <= 16)
// with every B rounded to an integer multiple of 2^-11, all taken from the one table kCosine.
// Only the lowest 32 frequencies of a dimension of 64 exist.
// Source: docs/format.md, "Inverse transform".
#pragma once
#include <cstddef>
#include <cstdint>

namespace veneer {

constexpr int kMaxBlock = 64;        // largest side in samples
constexpr int kMaxFrequencies = 32;  // coded frequencies per dimension

// Transform of one dimension.
enum class Tx : uint8_t { kDct = 0, kDst = 1 };

// The instructions that kernels are written for.
enum class SimdTarget : uint8_t { kScalar, kAvx2, kAvx512, kNeon, kSimd128 };

// What decoding calls; enc_kernels.h has the forward transform.
struct TransformKernels {
  const char* name;  // "scalar", "avx2", "avx512", "neon", "simd128"
  SimdTarget target;

  // coef is [min(H,32)][stride = min(W,32)] row-major (row = vertical frequency); entries
  // at column >= nz_w or row >= nz_h (both >= 1) count as zero whatever the memory holds. Columns (vertical
  // transform) first:
  //   t = saturate16((sum_k B[k][y] coef[k][u] + 2^10) >> 11), then along rows
  //   r = saturate16((sum_k B[k][x] t[y][k] + 2^14) >> 15),
  // sums modulo 2^32 (two's complement; only 64 points and huge coefficients can wrap).
  // residual is [H][W] with a stride of W samples.
  void (*inverse)(const int16_t* coef, int log2_w, int log2_h, Tx horizontal, Tx vertical, int nz_w, int nz_h,
                  int16_t* residual);
  // The same with four more binary places: r = saturate16((... + 2^10) >> 11).
  void (*inverse_fine)(const int16_t* coef, int log2_w, int log2_h, Tx horizontal, Tx vertical, int nz_w, int nz_h,
                       int16_t* residual);

  // recon[y][x] = clamp(prediction + residual, low, high), both limits int16; w is a multiple of 4 and the
  // stride of residual. prediction and recon may be the same array.
  void (*add_residual)(const int16_t* prediction, ptrdiff_t prediction_stride, const int16_t* residual, int w, int h,
                       int low, int high, int16_t* recon, ptrdiff_t recon_stride);
};

// The integer basis: 2^11 B_n[k][i], n a power of two in 4..64 (Tx::kDst: 4..16).
int basis(Tx type, int n, int k, int i);

const TransformKernels& scalar_kernels();
// Kernels by name ("scalar", "avx2", "avx512", "neon", "simd128"); nullptr if this CPU or build lacks them.
const TransformKernels* find_kernels(const char* name);
// Best kernels for this CPU, unless force_kernels() chose others.
const TransformKernels& kernels();
// Whether those have AVX2: other functions with a form for it follow them.
inline bool kernels_have_avx2() {
  const SimdTarget target = kernels().target;
  return target == SimdTarget::kAvx2 || target == SimdTarget::kAvx512;
}
// What goes with them, a function or a table of functions, of a plain one and one for AVX2, which is null in other builds.
template <typename Pointer>
Pointer for_kernels(Pointer plain, Pointer avx2) {
  return kernels_have_avx2() && avx2 != nullptr ? avx2 : plain;
}
// Chooses kernels by name; false if this CPU or build lacks them. "auto" undoes it.
bool force_kernels(const char* name);

}  // namespace veneer
