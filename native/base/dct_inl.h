// Block transforms of a SIMD target, written once for all of them.
//
// Place: included by dct_<target>.cpp after a header that defines, in namespace veneer::VENEER_TARGET,
//   Lanes4, Lanes8 and WidestLanes, each with
//     kLanes; Row: kLanes int16; Acc: kLanes int32; Zip: two rows ready to be multiplied;
//     zip(a, b); mul(zip, c) = c[0] a + c[1] b and mac(sum, zip, c) = sum + mul(zip, c), modulo 2^32;
//     narrow<s>(acc) = saturate16(acc >> s); store32<s>(p, acc): the int32 values acc >> s;
//     load, store, zero, add and sub of rows (modulo 2^16); constant, plus and minus of accumulators;
//   transpose4x4, transpose8x8 and fill.
// Everything is exact: a DCT is split into its even half, recursively, and its odd half, a matrix product;
// as the rounded basis is nested and symmetric this gives the very sums of the definition.
// Source: docs/format.md, "Inverse transform".
#pragma once
#include <cstddef>
#include <cstdint>

#include "base/dct.h"
#include "base/dct_tables.h"

namespace veneer::VENEER_TARGET {

constexpr int16_t kSum[2] = {kBasisOne, kBasisOne};
constexpr int16_t kDifference[2] = {kBasisOne, -kBasisOne};
alignas(64) constexpr int16_t kZeros[32] = {};

// Rows of coefficients, those from `nz` on being zero.
template <class L>
struct CodedRows {
  const int16_t* data;
  ptrdiff_t stride;
  int nz;

  typename L::Row operator[](int k) const { return L::load(k < nz ? data + k * stride : kZeros); }
};

// N-point inverse DCT of rows 0, kStep, 2 kStep..., of which the first kNz may be nonzero. `bias` is
// added to every output.
template <class L, int N, int kNz, int kStep>
inline void inverse_dct(const CodedRows<L>& rows, typename L::Acc bias, typename L::Acc* out) {
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
#pragma GCC unroll 8
      for (int p = 0; p < kPairs; ++p) {
        odd[p] = L::zip(rows[(4 * p + 1) * kStep], 2 * p + 1 < kOdd ? rows[(4 * p + 3) * kStep] : L::zero());
      }
#pragma GCC unroll 8
      for (int i = 0; i < kHalf; ++i) {
        const int16_t* c = kOddTable<kHalf>.value[i];
        Acc sum = L::mul(odd[0], c);
#pragma GCC unroll 8
        for (int p = 1; p < kPairs; ++p) sum = L::mac(sum, odd[p], c + 2 * p);
        out[i] = L::plus(even[i], sum);
        out[N - 1 - i] = L::minus(even[i], sum);
      }
    }
  }
}

template <class L, int N, int kNz>
inline void inverse_dst(const CodedRows<L>& rows, typename L::Acc bias, typename L::Acc* out) {
  typename L::Zip pairs[kNz / 2];
#pragma GCC unroll 8
  for (int p = 0; p < kNz / 2; ++p) pairs[p] = L::zip(rows[2 * p], rows[2 * p + 1]);
#pragma GCC unroll 8
  for (int i = 0; i < N; ++i) {
    const int16_t* c = kFullTable<Tx::kDst, N>.value[i];
    typename L::Acc sum = bias;
#pragma GCC unroll 8
    for (int p = 0; p < kNz / 2; ++p) sum = L::mac(sum, pairs[p], c + 2 * p);
    out[i] = sum;
  }
}

// One pass of an inverse transform along the columns of a coefficient array.
using InversePass = void (*)(const int16_t* src, ptrdiff_t src_stride, int nz, int16_t* dst,
                             ptrdiff_t dst_stride, int columns);

template <class L, Tx kType, int N, int kNz, int kShift>
void inverse_pass(const int16_t* src, ptrdiff_t src_stride, int nz, int16_t* dst, ptrdiff_t dst_stride,
                  int columns) {
  const typename L::Acc bias = L::constant(1 << (kShift - 1));
  for (int x = 0; x < columns; x += L::kLanes) {
    const CodedRows<L> rows{src + x, src_stride, nz};
    typename L::Acc out[N];
    if constexpr (kType == Tx::kDct) {
      inverse_dct<L, N, kNz, 1>(rows, bias, out);
    } else {
      inverse_dst<L, N, kNz>(rows, bias, out);
    }
    for (int i = 0; i < N; ++i) L::store(dst + i * dst_stride + x, L::template narrow<kShift>(out[i]));
  }
}

// Index of the kernel that handles `nz` coefficients: 1, 2..4, 5..8, 9..16, 17..32.
inline int nz_class(int nz) { return nz == 1 ? 0 : nz <= 4 ? 1 : nz <= 8 ? 2 : nz <= 16 ? 3 : 4; }

template <class L, int kShift>
inline InversePass choose_inverse(Tx type, int log2_n, int nz) {
#define VENEER_DCT(n, nz) inverse_pass<L, Tx::kDct, n, nz, kShift>
#define VENEER_DST(n, nz) inverse_pass<L, Tx::kDst, n, nz, kShift>
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
#undef VENEER_DCT
#undef VENEER_DST
  return type == Tx::kDct ? kDct[log2_n - 2][nz_class(nz)] : kDst[log2_n - 2][nz_class(nz)];
}

// Transposes [rows][columns], both multiples of 4, and of 8 unless they are 4.
inline void transpose(const int16_t* src, ptrdiff_t src_stride, int16_t* dst, ptrdiff_t dst_stride, int rows,
                      int columns) {
  if (rows == 4 || columns == 4) {
    for (int y = 0; y < rows; y += 4) {
      for (int x = 0; x < columns; x += 4) {
        transpose4x4(src + y * src_stride + x, src_stride, dst + x * dst_stride + y, dst_stride);
      }
    }
    return;
  }
  for (int y = 0; y < rows; y += 8) {
    for (int x = 0; x < columns; x += 8) {
      transpose8x8(src + y * src_stride + x, src_stride, dst + x * dst_stride + y, dst_stride);
    }
  }
}

constexpr int coded(int size) { return size < kMaxFrequencies ? size : kMaxFrequencies; }

// saturate16((dc * 2^11 + half) >> shift), the DC coefficient of a DCT in every sample.
inline int16_t flat(int value, int shift) {
  const int scaled = (value * kBasisOne + (1 << (shift - 1))) >> shift;
  return static_cast<int16_t>(scaled < -32768 ? -32768 : scaled > 32767 ? 32767 : scaled);
}

template <int kShift>
inline void run_inverse(Tx type, int log2_n, const int16_t* src, ptrdiff_t src_stride, int nz, int16_t* dst,
                        ptrdiff_t dst_stride, int columns) {
  if (columns <= 4) {
    choose_inverse<Lanes4, kShift>(type, log2_n, nz)(src, src_stride, nz, dst, dst_stride, columns);
  } else if (columns <= 8) {
    choose_inverse<Lanes8, kShift>(type, log2_n, nz)(src, src_stride, nz, dst, dst_stride, columns);
  } else {
    choose_inverse<WidestLanes, kShift>(type, log2_n, nz)(src, src_stride, nz, dst, dst_stride, columns);
  }
}

inline void inverse(const int16_t* coef, int log2_w, int log2_h, Tx horizontal, Tx vertical, int nz_w,
                    int nz_h, int16_t* residual) {
  const int w = 1 << log2_w, h = 1 << log2_h;
  if (nz_w == 1 && nz_h == 1 && horizontal == Tx::kDct && vertical == Tx::kDct) {
    fill(residual, w * h, flat(flat(coef[0], 11), 15));
    return;
  }
  // The vertical pass leaves columns, whose transpose the horizontal pass treats as columns again.
  alignas(64) int16_t first[kMaxBlock * kMaxBlock], second[kMaxBlock * kMaxBlock];
  const int columns = w == 4 ? 4 : nz_w <= 8 ? 8 : nz_w <= 16 ? 16 : kMaxFrequencies;
  run_inverse<11>(vertical, log2_h, coef, coded(w), nz_h, first, columns, columns);
  transpose(first, columns, second, h, h, columns);
  run_inverse<15>(horizontal, log2_w, second, h, nz_w, first, h, h);
  transpose(first, h, residual, w, w, h);
}

// N-point forward DCT of x: emit(k kStep, sum) for every frequency k that exists. `kLevels` is the number
// of times that sums of two rows may be formed without leaving int16.
template <class L, int N, int kLevels, int kStep, class Emit>
inline void forward_dct(const typename L::Row* x, typename L::Acc bias, const Emit& emit) {
  using Acc = typename L::Acc;
  constexpr int kExisting = (kMaxFrequencies + kStep - 1) / kStep;
  if constexpr (kLevels == 0 || N == 2) {
    constexpr int kPairs = N / 2, kOutputs = N < kExisting ? N : kExisting;
    typename L::Zip pairs[kPairs];
#pragma GCC unroll 16
    for (int p = 0; p < kPairs; ++p) pairs[p] = L::zip(x[2 * p], x[2 * p + 1]);
#pragma GCC unroll 8
    for (int k = 0; k < kOutputs; ++k) {
      const int16_t* c = kFullTable<Tx::kDct, N>.value[k];
      Acc sum = bias;
#pragma GCC unroll 16
      for (int p = 0; p < kPairs; ++p) sum = L::mac(sum, pairs[p], c + 2 * p);
      emit(k * kStep, sum);
    }
  } else {
    constexpr int kHalf = N / 2, kPairs = kHalf / 2, kOutputs = kHalf < kExisting / 2 ? kHalf : kExisting / 2;
    typename L::Row even[kHalf];
    typename L::Zip odd[kPairs];
#pragma GCC unroll 16
    for (int p = 0; p < kPairs; ++p) {
      const int i = 2 * p, j = 2 * p + 1;
      even[i] = L::add(x[i], x[N - 1 - i]);
      even[j] = L::add(x[j], x[N - 1 - j]);
      odd[p] = L::zip(L::sub(x[i], x[N - 1 - i]), L::sub(x[j], x[N - 1 - j]));
    }
#pragma GCC unroll 8
    for (int k = 0; k < kOutputs; ++k) {
      const int16_t* c = kOddTable<kHalf>.value[k];
      Acc sum = bias;
#pragma GCC unroll 16
      for (int p = 0; p < kPairs; ++p) sum = L::mac(sum, odd[p], c + 2 * p);
      emit((2 * k + 1) * kStep, sum);
    }
    forward_dct<L, kHalf, kLevels - 1, 2 * kStep>(even, bias, emit);
  }
}

template <class L, int N, class Emit>
inline void forward_dst(const typename L::Row* x, typename L::Acc bias, const Emit& emit) {
  typename L::Zip pairs[N / 2];
#pragma GCC unroll 8
  for (int p = 0; p < N / 2; ++p) pairs[p] = L::zip(x[2 * p], x[2 * p + 1]);
#pragma GCC unroll 8
  for (int k = 0; k < N; ++k) {
    const int16_t* c = kFullTable<Tx::kDst, N>.value[k];
    typename L::Acc sum = bias;
#pragma GCC unroll 8
    for (int p = 0; p < N / 2; ++p) sum = L::mac(sum, pairs[p], c + 2 * p);
    emit(k, sum);
  }
}

// One pass of a forward transform along the columns of an array: rows of the block (which it gets
// transposed) if Out is int16_t, then its columns if Out is int32_t.
template <class Out>
using ForwardPass = void (*)(const int16_t* src, ptrdiff_t src_stride, Out* dst, ptrdiff_t dst_stride,
                             int columns);

constexpr int log2_of(int n) { return n == 1 ? 0 : 1 + log2_of(n / 2); }

template <class L, Tx kType, int N, class Out>
void forward_pass(const int16_t* src, ptrdiff_t src_stride, Out* dst, ptrdiff_t dst_stride, int columns) {
  constexpr bool kFirst = sizeof(Out) == sizeof(int16_t);
  constexpr int kShift = (kFirst ? 8 : 6) + log2_of(N);
  constexpr int kLevels = kFirst ? 4 : 1;  // 2047 * 2^4 and 16376 * 2 are int16
  const typename L::Acc bias = L::constant(1 << (kShift - 1));
  for (int column = 0; column < columns; column += L::kLanes) {
    typename L::Row x[N];
#pragma GCC unroll 16
    for (int i = 0; i < N; ++i) x[i] = L::load(src + i * src_stride + column);
    const auto emit = [dst, dst_stride, column](int k, typename L::Acc sum) {
      if constexpr (kFirst) {
        L::store(dst + k * dst_stride + column, L::template narrow<kShift>(sum));
      } else {
        L::template store32<kShift>(dst + k * dst_stride + column, sum);
      }
    };
    if constexpr (kType == Tx::kDct) {
      forward_dct<L, N, kLevels, 1>(x, bias, emit);
    } else {
      forward_dst<L, N>(x, bias, emit);
    }
  }
}

template <class L, class Out>
inline ForwardPass<Out> choose_forward(Tx type, int log2_n) {
  static constexpr ForwardPass<Out> kDct[5] = {
      forward_pass<L, Tx::kDct, 4, Out>, forward_pass<L, Tx::kDct, 8, Out>,
      forward_pass<L, Tx::kDct, 16, Out>, forward_pass<L, Tx::kDct, 32, Out>,
      forward_pass<L, Tx::kDct, 64, Out>};
  static constexpr ForwardPass<Out> kDst[3] = {forward_pass<L, Tx::kDst, 4, Out>,
                                               forward_pass<L, Tx::kDst, 8, Out>,
                                               forward_pass<L, Tx::kDst, 16, Out>};
  return (type == Tx::kDct ? kDct : kDst)[log2_n - 2];
}

template <class Out>
inline void run_forward(Tx type, int log2_n, const int16_t* src, ptrdiff_t src_stride, Out* dst,
                        ptrdiff_t dst_stride, int columns) {
  const ForwardPass<Out> pass = columns <= 4   ? choose_forward<Lanes4, Out>(type, log2_n)
                                : columns <= 8 ? choose_forward<Lanes8, Out>(type, log2_n)
                                               : choose_forward<WidestLanes, Out>(type, log2_n);
  pass(src, src_stride, dst, dst_stride, columns);
}

inline void forward(const int16_t* residual, ptrdiff_t stride, int log2_w, int log2_h, Tx horizontal,
                    Tx vertical, int32_t* coef) {
  const int w = 1 << log2_w, h = 1 << log2_h, columns = coded(w);
  alignas(64) int16_t first[kMaxBlock * kMaxBlock], second[kMaxBlock * kMaxBlock];
  transpose(residual, stride, first, h, h, w);
  run_forward(horizontal, log2_w, first, h, second, h, h);
  transpose(second, h, first, columns, columns, h);
  run_forward(vertical, log2_h, first, columns, coef, columns, columns);
}

}  // namespace veneer::VENEER_TARGET
