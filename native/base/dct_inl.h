// What the inverse and the forward block transforms of a SIMD target share.
//
// Place: included by dct_inverse_inl.h and enc_dct_forward_inl.h, after the header that defines the lanes of
// the target (dct_lanes_<target>.h): types Lanes4, Lanes8 and WidestLanes in veneer::VENEER_TARGET, with
//   kLanes; Row: kLanes int16; Acc: kLanes int32; Zip: two rows ready to be multiplied;
//   zip(a, b); mul(zip, c) = c[0] a + c[1] b and mac(sum, zip, c) = sum + mul(zip, c), modulo 2^32;
//   narrow<s>(acc) = saturate16(acc >> s); store32<s>(p, acc): the int32 values acc >> s;
//   load, store, zero, both (bitwise and), add and sub of rows (modulo 2^16);
//   constant, plus and minus of accumulators;
//   transpose(rows) of kLanes rows in place, in Lanes4 and Lanes8 only;
//   join(a, b) of two rows of Lanes4, and low(a) and high(a) back again, in Lanes8 only;
// and fill(dst, count, value). Lanes are columns of a block: only a transpose mixes them.
// Source: docs/format.md, "Inverse transform".
#pragma once
#include <cstddef>
#include <cstdint>

#include "base/dct.h"
#include "base/dct_tables.h"
#include "common/inline.h"
#include "common/unroll.h"

namespace veneer::VENEER_TARGET {
namespace {

constexpr int coded(int size) { return size < kMaxFrequencies ? size : kMaxFrequencies; }

constexpr int log2_of(int n) { return n == 1 ? 0 : 1 + log2_of(n / 2); }

// Lanes for a side of 4 or 8.
template <int N>
struct LanesOf;
template <>
struct LanesOf<4> {
  using type = Lanes4;
};
template <>
struct LanesOf<8> {
  using type = Lanes8;
};
template <int N>
using SmallLanes = typename LanesOf<N>::type;
template <int N>
using SmallRow = typename SmallLanes<N>::Row;

// Transposes R rows of C lanes in registers; R and C are 4 or 8.
template <int R, int C>
VENEER_INLINE void transpose_small(const SmallRow<C>* in, SmallRow<R>* out) {
  if constexpr (R == C) {
    VENEER_UNROLL(8)
    for (int i = 0; i < R; ++i) out[i] = in[i];
    SmallLanes<R>::transpose(out);
  } else if constexpr (R == 8) {
    SmallRow<4> top[4] = {in[0], in[1], in[2], in[3]}, bottom[4] = {in[4], in[5], in[6], in[7]};
    Lanes4::transpose(top);
    Lanes4::transpose(bottom);
    VENEER_UNROLL(4)
    for (int i = 0; i < 4; ++i) out[i] = Lanes8::join(top[i], bottom[i]);
  } else {
    VENEER_UNROLL(4)
    for (int i = 0; i < 4; ++i) {
      out[i] = Lanes8::low(in[i]);
      out[i + 4] = Lanes8::high(in[i]);
    }
    Lanes4::transpose(out);
    Lanes4::transpose(out + 4);
  }
}

template <class L>
inline void transpose_tiles(const int16_t* src, ptrdiff_t src_stride, int16_t* dst, ptrdiff_t dst_stride, int rows,
                            int columns) {
  constexpr int kSide = L::kLanes;
  for (int y = 0; y < rows; y += kSide) {
    for (int x = 0; x < columns; x += kSide) {
      typename L::Row tile[kSide];
      VENEER_UNROLL(8)
      for (int i = 0; i < kSide; ++i) tile[i] = L::load(src + (y + i) * src_stride + x);
      L::transpose(tile);
      VENEER_UNROLL(8)
      for (int i = 0; i < kSide; ++i) L::store(dst + (x + i) * dst_stride + y, tile[i]);
    }
  }
}

// Transposes [rows][columns], both multiples of 4, and of 8 unless one of them is 4.
inline void transpose(const int16_t* src, ptrdiff_t src_stride, int16_t* dst, ptrdiff_t dst_stride, int rows,
                      int columns) {
  if (rows == 4 || columns == 4) {
    transpose_tiles<Lanes4>(src, src_stride, dst, dst_stride, rows, columns);
  } else {
    transpose_tiles<Lanes8>(src, src_stride, dst, dst_stride, rows, columns);
  }
}

}  // namespace
}  // namespace veneer::VENEER_TARGET
