// Forward block transforms of a SIMD target, written once for all of them.
//
// Place: included by enc_kernels_<target>.cpp; dct_inl.h says what lanes it is written in.
// A DCT is split into its even half, recursively, and its odd half, a matrix product; the rounded basis
// is nested and symmetric, so the sums are exactly those of the definition. Source: enc_kernels.h.
#pragma once
#include <cstddef>
#include <cstdint>

#include "base/dct.h"
#include "base/dct_inl.h"
#include "base/dct_tables.h"
#include "common/unroll.h"

namespace veneer::VENEER_TARGET {
namespace {

// N-point forward DCT of x: emit(k kStep, sum) for every frequency k that exists. `kLevels` is the number
// of times that sums of two rows may be formed without leaving int16.
template <class L, int N, int kLevels, int kStep, class Emit>
VENEER_INLINE void forward_dct(const typename L::Row* x, typename L::Acc bias, const Emit& emit) {
  using Acc = typename L::Acc;
  constexpr int kExisting = (kMaxFrequencies + kStep - 1) / kStep;
  if constexpr (kLevels == 0 || N == 2) {
    constexpr int kPairs = N / 2, kOutputs = N < kExisting ? N : kExisting;
    typename L::Zip pairs[kPairs];
    VENEER_UNROLL(16)
    for (int p = 0; p < kPairs; ++p) pairs[p] = L::zip(x[2 * p], x[2 * p + 1]);
    VENEER_UNROLL(8)
    for (int k = 0; k < kOutputs; ++k) {
      const int16_t* c = kFullTable<Tx::kDct, N>.value[k];
      Acc sum = bias;
      VENEER_UNROLL(16)
      for (int p = 0; p < kPairs; ++p) sum = L::mac(sum, pairs[p], c + 2 * p);
      emit(k * kStep, sum);
    }
  } else {
    constexpr int kHalf = N / 2, kPairs = kHalf / 2, kOutputs = kHalf < kExisting / 2 ? kHalf : kExisting / 2;
    typename L::Row even[kHalf];
    typename L::Zip odd[kPairs];
    VENEER_UNROLL(16)
    for (int p = 0; p < kPairs; ++p) {
      const int i = 2 * p, j = 2 * p + 1;
      even[i] = L::add(x[i], x[N - 1 - i]);
      even[j] = L::add(x[j], x[N - 1 - j]);
      odd[p] = L::zip(L::sub(x[i], x[N - 1 - i]), L::sub(x[j], x[N - 1 - j]));
    }
    VENEER_UNROLL(8)
    for (int k = 0; k < kOutputs; ++k) {
      const int16_t* c = kOddTable<kHalf>.value[k];
      Acc sum = bias;
      VENEER_UNROLL(16)
      for (int p = 0; p < kPairs; ++p) sum = L::mac(sum, odd[p], c + 2 * p);
      emit((2 * k + 1) * kStep, sum);
    }
    forward_dct<L, kHalf, kLevels - 1, 2 * kStep>(even, bias, emit);
  }
}

template <class L, int N, class Emit>
VENEER_INLINE void forward_dst(const typename L::Row* x, typename L::Acc bias, const Emit& emit) {
  typename L::Zip pairs[N / 2];
  VENEER_UNROLL(8)
  for (int p = 0; p < N / 2; ++p) pairs[p] = L::zip(x[2 * p], x[2 * p + 1]);
  VENEER_UNROLL(8)
  for (int k = 0; k < N; ++k) {
    const int16_t* c = kFullTable<Tx::kDst, N>.value[k];
    typename L::Acc sum = bias;
    VENEER_UNROLL(8)
    for (int p = 0; p < N / 2; ++p) sum = L::mac(sum, pairs[p], c + 2 * p);
    emit(k, sum);
  }
}

template <class L, Tx kType, int N, int kLevels, class Emit>
VENEER_INLINE void forward_1d(const typename L::Row* x, typename L::Acc bias, const Emit& emit) {
  if constexpr (kType == Tx::kDct) {
    forward_dct<L, N, kLevels, 1>(x, bias, emit);
  } else {
    forward_dst<L, N>(x, bias, emit);
  }
}

// The rows of a block, which is transposed: lanes are its rows. emit(k, row) gets the frequencies.
template <class L, Tx kType, int N, class Emit>
VENEER_INLINE void forward_first(const typename L::Row* x, const Emit& emit) {
  constexpr int kShift = 8 + log2_of(N);
  forward_1d<L, kType, N, 4>(  // 2047 * 2^4 is int16
      x, L::constant(1 << (kShift - 1)),
      [&emit](int k, typename L::Acc sum) { emit(k, L::template narrow<kShift>(sum)); });
}

// The columns of a block.
template <class L, Tx kType, int N>
VENEER_INLINE void forward_second(const typename L::Row* x, int32_t* dst, ptrdiff_t stride) {
  constexpr int kShift = 6 + log2_of(N);
  forward_1d<L, kType, N, 1>(  // 16376 * 2 is int16
      x, L::constant(1 << (kShift - 1)),
      [dst, stride](int k, typename L::Acc sum) { L::template store32<kShift>(dst + k * stride, sum); });
}

// A whole block with sides of 4 or 8, in registers.
template <int W, int H, Tx kHorizontal, Tx kVertical>
void forward_small(const int16_t* residual, ptrdiff_t stride, int32_t* coef) {
  SmallRow<W> rows[H];
  SmallRow<H> columns[W], frequencies[W];
  VENEER_UNROLL(8)
  for (int i = 0; i < H; ++i) rows[i] = SmallLanes<W>::load(residual + i * stride);
  transpose_small<H, W>(rows, columns);
  forward_first<SmallLanes<H>, kHorizontal, W>(columns,
                                               [&frequencies](int k, SmallRow<H> row) { frequencies[k] = row; });
  transpose_small<W, H>(frequencies, rows);
  forward_second<SmallLanes<W>, kVertical, H>(rows, coef, W);
}

using ForwardSmall = void (*)(const int16_t* residual, ptrdiff_t stride, int32_t* coef);

template <int W, int H>
inline ForwardSmall choose_forward_small(Tx horizontal, Tx vertical) {
  static constexpr ForwardSmall kKernels[2][2] = {
      {forward_small<W, H, Tx::kDct, Tx::kDct>, forward_small<W, H, Tx::kDct, Tx::kDst>},
      {forward_small<W, H, Tx::kDst, Tx::kDct>, forward_small<W, H, Tx::kDst, Tx::kDst>}};
  return kKernels[static_cast<int>(horizontal)][static_cast<int>(vertical)];
}

// One pass of a forward transform along the columns of an array: rows of the block (which it gets
// transposed) if Out is int16_t, then its columns if Out is int32_t.
template <class Out>
using ForwardPass = void (*)(const int16_t* src, ptrdiff_t src_stride, Out* dst, ptrdiff_t dst_stride, int columns);

template <class L, Tx kType, int N, class Out>
void forward_pass(const int16_t* src, ptrdiff_t src_stride, Out* dst, ptrdiff_t dst_stride, int columns) {
  for (int column = 0; column < columns; column += L::kLanes) {
    typename L::Row x[N];
    VENEER_UNROLL(16)
    for (int i = 0; i < N; ++i) x[i] = L::load(src + i * src_stride + column);
    if constexpr (sizeof(Out) == sizeof(int16_t)) {
      forward_first<L, kType, N>(
          x, [dst, dst_stride, column](int k, typename L::Row row) { L::store(dst + k * dst_stride + column, row); });
    } else {
      forward_second<L, kType, N>(x, dst + column, dst_stride);
    }
  }
}

template <class L, class Out>
inline ForwardPass<Out> choose_forward(Tx type, int log2_n) {
  static constexpr ForwardPass<Out> kDct[5] = {forward_pass<L, Tx::kDct, 4, Out>, forward_pass<L, Tx::kDct, 8, Out>,
                                               forward_pass<L, Tx::kDct, 16, Out>, forward_pass<L, Tx::kDct, 32, Out>,
                                               forward_pass<L, Tx::kDct, 64, Out>};
  static constexpr ForwardPass<Out> kDst[3] = {forward_pass<L, Tx::kDst, 4, Out>, forward_pass<L, Tx::kDst, 8, Out>,
                                               forward_pass<L, Tx::kDst, 16, Out>};
  return (type == Tx::kDct ? kDct : kDst)[log2_n - 2];
}

template <class Out>
inline void run_forward(Tx type, int log2_n, const int16_t* src, ptrdiff_t src_stride, Out* dst, ptrdiff_t dst_stride,
                        int columns) {
  const ForwardPass<Out> pass = columns <= 4   ? choose_forward<Lanes4, Out>(type, log2_n)
                                : columns <= 8 ? choose_forward<Lanes8, Out>(type, log2_n)
                                               : choose_forward<WidestLanes, Out>(type, log2_n);
  pass(src, src_stride, dst, dst_stride, columns);
}

inline void forward(const int16_t* residual, ptrdiff_t stride, int log2_w, int log2_h, Tx horizontal, Tx vertical,
                    int32_t* coef) {
  const int w = 1 << log2_w, h = 1 << log2_h, columns = coded(w);
  if (w <= 8 && h <= 8) {
    const ForwardSmall kernel =
        w == 4 ? (h == 4 ? choose_forward_small<4, 4> : choose_forward_small<4, 8>)(horizontal, vertical)
               : (h == 4 ? choose_forward_small<8, 4> : choose_forward_small<8, 8>)(horizontal, vertical);
    kernel(residual, stride, coef);
    return;
  }
  alignas(64) int16_t first[kMaxBlock * kMaxBlock], second[kMaxBlock * kMaxBlock];
  transpose(residual, stride, first, h, h, w);
  run_forward(horizontal, log2_w, first, h, second, h, h);
  transpose(second, h, first, columns, columns, h);
  run_forward(vertical, log2_h, first, columns, coef, columns, columns);
}

}  // namespace
}  // namespace veneer::VENEER_TARGET
