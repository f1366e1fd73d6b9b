// Inverse block transforms of a SIMD target, written once for all of them.
//
// Place: included by dct_<target>.cpp; dct_inl.h documents the lanes it is written in.
// A DCT is split into its even half, recursively, and its odd half, a matrix product; the rounded basis
// is nested and symmetric, so the sums are exactly those of the definition.
// Source: docs/format.md, "Inverse transform".
#pragma once
#include <cstddef>
#include <cstdint>

#include "base/dct.h"
#include "base/dct_inl.h"
#include "base/dct_tables.h"
#include "common/stop.h"
#include "common/unroll.h"

namespace veneer::VENEER_TARGET {
namespace {

constexpr int16_t kSum[2] = {kBasisOne, kBasisOne};
constexpr int16_t kDifference[2] = {kBasisOne, -kBasisOne};
alignas(64) constexpr int16_t kZeros[32] = {};
// A row loaded from kKeepMask + 8 - n has ones in its first n lanes (n <= 8).
constexpr int16_t kKeepMask[16] = {-1, -1, -1, -1, -1, -1, -1, -1};

// Rows of coefficients in memory, those from `nz` on being zero. Where they are in registers, an array of
// rows takes its place.
template <class L>
struct CodedRows {
  const int16_t* data;
  ptrdiff_t stride;
  int nz;

  typename L::Row operator[](int k) const { return L::load(k < nz ? data + k * stride : kZeros); }
};

// N-point inverse DCT of rows 0, kStep, 2 kStep..., of which the first kNz may be nonzero. `bias` is
// added to every output.
template <class L, int N, int kNz, int kStep, class Rows>
VENEER_INLINE void inverse_dct(const Rows& rows, typename L::Acc bias, typename L::Acc* out) {
  using Acc = typename L::Acc;
  if constexpr (N == 2) {
    const auto both = L::zip(rows[0], kNz > 1 ? rows[kStep] : L::zero());
    out[0] = L::mac(bias, both, kSum);
    out[1] = kNz > 1 ? L::mac(bias, both, kDifference) : out[0];
  } else {
    constexpr int kHalf = N / 2, kOdd = kNz / 2, kPairs = (kOdd + 1) / 2;
    Acc even[kHalf];
    inverse_dct<L, kHalf, (kNz + 1) / 2, 2 * kStep>(rows, bias, even);
    if constexpr (kOdd == 0) {
      for (int i = 0; i < kHalf; ++i) out[i] = out[N - 1 - i] = even[i];
    } else {
      typename L::Zip odd[kPairs];
      VENEER_UNROLL(8)
      for (int p = 0; p < kPairs; ++p) {
        odd[p] = L::zip(rows[(4 * p + 1) * kStep], 2 * p + 1 < kOdd ? rows[(4 * p + 3) * kStep] : L::zero());
      }
      VENEER_UNROLL(8)
      for (int i = 0; i < kHalf; ++i) {
        const int16_t* c = kOddTable<kHalf>.value[i];
        Acc sum = L::mul(odd[0], c);
        VENEER_UNROLL(8)
        for (int p = 1; p < kPairs; ++p) sum = L::mac(sum, odd[p], c + 2 * p);
        out[i] = L::plus(even[i], sum);
        out[N - 1 - i] = L::minus(even[i], sum);
      }
    }
  }
}

template <class L, int N, int kNz, class Rows>
VENEER_INLINE void inverse_dst(const Rows& rows, typename L::Acc bias, typename L::Acc* out) {
  typename L::Zip pairs[kNz / 2];
  VENEER_UNROLL(8)
  for (int p = 0; p < kNz / 2; ++p) pairs[p] = L::zip(rows[2 * p], rows[2 * p + 1]);
  VENEER_UNROLL(8)
  for (int i = 0; i < N; ++i) {
    const int16_t* c = kFullTable<Tx::kDst, N>.value[i];
    typename L::Acc sum = bias;
    VENEER_UNROLL(8)
    for (int p = 0; p < kNz / 2; ++p) sum = L::mac(sum, pairs[p], c + 2 * p);
    out[i] = sum;
  }
}

// One dimension, normalized: emit(i, row) for every sample i.
template <class L, Tx kType, int N, int kNz, int kShift, class Rows, class Emit>
VENEER_INLINE void inverse_1d(const Rows& rows, const Emit& emit) {
  const typename L::Acc bias = L::constant(1 << (kShift - 1));
  typename L::Acc sums[N];
  if constexpr (kType == Tx::kDct) {
    inverse_dct<L, N, kNz, 1>(rows, bias, sums);
  } else {
    inverse_dst<L, N, kNz>(rows, bias, sums);
  }
  for (int i = 0; i < N; ++i) emit(i, L::template narrow<kShift>(sums[i]));
}

// One pass of an inverse transform along the columns of a coefficient array.
using InversePass = void (*)(const int16_t* src, ptrdiff_t src_stride, int nz, int16_t* dst, ptrdiff_t dst_stride,
                             int columns);

template <class L, Tx kType, int N, int kNz, int kShift>
void inverse_pass(const int16_t* src, ptrdiff_t src_stride, int nz, int16_t* dst, ptrdiff_t dst_stride, int columns) {
  for (int x = 0; x < columns; x += L::kLanes) {
    inverse_1d<L, kType, N, kNz, kShift>(
        CodedRows<L>{src + x, src_stride, nz},
        [dst, dst_stride, x](int i, typename L::Row row) { L::store(dst + i * dst_stride + x, row); });
  }
}

// A whole block with sides of 4 or 8, in registers.
template <int kLast, int W, int H, Tx kHorizontal, Tx kVertical>
void inverse_small(const int16_t* coef, int nz_w, int nz_h, int16_t* residual) {
  using Across = SmallLanes<W>;
  using Down = SmallLanes<H>;
  const CodedRows<Across> coded_rows{coef, W, nz_h};
  const SmallRow<W> mask = Across::load(kKeepMask + 8 - nz_w);
  SmallRow<W> rows[H];
  SmallRow<H> columns[W];
  VENEER_UNROLL(8)
  for (int i = 0; i < H; ++i) rows[i] = Across::both(coded_rows[i], mask);
  inverse_1d<Across, kVertical, H, H, 11>(rows, [&rows](int i, SmallRow<W> row) { rows[i] = row; });
  transpose_small<H, W>(rows, columns);
  inverse_1d<Down, kHorizontal, W, W, kLast>(columns, [&columns](int i, SmallRow<H> row) { columns[i] = row; });
  transpose_small<W, H>(columns, rows);
  VENEER_UNROLL(8)
  for (int i = 0; i < H; ++i) Across::store(residual + i * W, rows[i]);
}

using InverseSmall = void (*)(const int16_t* coef, int nz_w, int nz_h, int16_t* residual);

template <int kLast, int W, int H>
inline InverseSmall choose_inverse_small(Tx horizontal, Tx vertical) {
  static constexpr InverseSmall kKernels[2][2] = {
      {inverse_small<kLast, W, H, Tx::kDct, Tx::kDct>, inverse_small<kLast, W, H, Tx::kDct, Tx::kDst>},
      {inverse_small<kLast, W, H, Tx::kDst, Tx::kDct>, inverse_small<kLast, W, H, Tx::kDst, Tx::kDst>}};
  return kKernels[static_cast<int>(horizontal)][static_cast<int>(vertical)];
}

// Index of the kernel that handles `nz` coefficients: 1, 2..4, 5..8, 9..16, 17..32.
inline int nz_class(int nz) { return nz == 1 ? 0 : nz <= 4 ? 1 : nz <= 8 ? 2 : nz <= 16 ? 3 : 4; }

template <class L, int kShift>
inline InversePass choose_inverse(Tx type, int log2_n, int nz) {
#define VENEER_DCT(n, nz) inverse_pass<L, Tx::kDct, n, nz, kShift>
#define VENEER_DST(n, nz) inverse_pass<L, Tx::kDst, n, nz, kShift>
  if constexpr (L::kLanes == 4) {
    // Only blocks of 4 by 16 and longer get here; the format has none, so they need not be fast.
    static constexpr InversePass kDct[3] = {VENEER_DCT(16, 16), VENEER_DCT(32, 32), VENEER_DCT(64, 32)};
    return type == Tx::kDct ? kDct[log2_n - 4] : VENEER_DST(16, 16);
  } else {
    static constexpr InversePass kDct[5][5] = {
        {VENEER_DCT(4, 1), VENEER_DCT(4, 4)},
        {VENEER_DCT(8, 1), VENEER_DCT(8, 4), VENEER_DCT(8, 8)},
        {VENEER_DCT(16, 1), VENEER_DCT(16, 4), VENEER_DCT(16, 8), VENEER_DCT(16, 16)},
        {VENEER_DCT(32, 1), VENEER_DCT(32, 4), VENEER_DCT(32, 8), VENEER_DCT(32, 16), VENEER_DCT(32, 32)},
        {VENEER_DCT(64, 1), VENEER_DCT(64, 4), VENEER_DCT(64, 8), VENEER_DCT(64, 16), VENEER_DCT(64, 32)}};
    static constexpr InversePass kDst[3][4] = {
        {VENEER_DST(4, 4), VENEER_DST(4, 4)},
        {VENEER_DST(8, 4), VENEER_DST(8, 4), VENEER_DST(8, 8)},
        {VENEER_DST(16, 4), VENEER_DST(16, 4), VENEER_DST(16, 8), VENEER_DST(16, 16)}};
    return type == Tx::kDct ? kDct[log2_n - 2][nz_class(nz)] : kDst[log2_n - 2][nz_class(nz)];
  }
#undef VENEER_DCT
#undef VENEER_DST
}

// saturate16((dc * 2^11 + half) >> shift), the DC coefficient of a DCT in every sample.
inline int16_t flat(int value, int shift) {
  const int scaled = (value * kBasisOne + (1 << (shift - 1))) >> shift;
  return static_cast<int16_t>(scaled < -32768 ? -32768 : scaled > 32767 ? 32767 : scaled);
}

template <int kShift>
inline void run_inverse(Tx type, int log2_n, const int16_t* src, ptrdiff_t src_stride, int nz, int16_t* dst,
                        ptrdiff_t dst_stride, int columns) {
#if defined(VENEER_BASE_ONLY)
  // Blocks of 4 by 16 and longer, which the format does not have: 2.5 KB of a module that is to be small.
  if (columns <= 4) stop_here();
#endif
  if (columns <= 4) {
    choose_inverse<Lanes4, kShift>(type, log2_n, nz)(src, src_stride, nz, dst, dst_stride, columns);
  } else if (columns <= 8) {
    choose_inverse<Lanes8, kShift>(type, log2_n, nz)(src, src_stride, nz, dst, dst_stride, columns);
  } else {
    choose_inverse<WidestLanes, kShift>(type, log2_n, nz)(src, src_stride, nz, dst, dst_stride, columns);
  }
}

// kLast: what the second pass shifts by, 15 or 11.
template <int kLast>
inline void inverse(const int16_t* coef, int log2_w, int log2_h, Tx horizontal, Tx vertical, int nz_w, int nz_h,
                    int16_t* residual) {
  const int w = 1 << log2_w, h = 1 << log2_h;
  if (nz_w == 1 && nz_h == 1 && horizontal == Tx::kDct && vertical == Tx::kDct) {
    fill(residual, w * h, flat(flat(coef[0], 11), kLast));
    return;
  }
  if (w <= 8 && h <= 8) {
    const InverseSmall kernel =
        w == 4 ? (h == 4 ? choose_inverse_small<kLast, 4, 4> : choose_inverse_small<kLast, 4, 8>)(horizontal, vertical)
               : (h == 4 ? choose_inverse_small<kLast, 8, 4> : choose_inverse_small<kLast, 8, 8>)(horizontal, vertical);
    kernel(coef, nz_w, nz_h, residual);
    return;
  }
  // The vertical pass leaves columns, whose transpose the horizontal pass treats as columns again.
  alignas(64) int16_t first[kMaxBlock * kMaxBlock], second[kMaxBlock * kMaxBlock];
  const int columns = w == 4 ? 4 : nz_w <= 8 ? 8 : nz_w <= 16 ? 16 : kMaxFrequencies;
  run_inverse<11>(vertical, log2_h, coef, coded(w), nz_h, first, columns, columns);
  transpose(first, columns, second, h, h, columns);
  run_inverse<kLast>(horizontal, log2_w, second, h, nz_w, first, h, h);
  transpose(first, h, residual, w, w, h);
}

}  // namespace
}  // namespace veneer::VENEER_TARGET
