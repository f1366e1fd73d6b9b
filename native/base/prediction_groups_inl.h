// Blocks as groups of 16 samples, one vector each.
//
// Place: included after the vector operations of a target (prediction_lanes_*.h), which prediction_inl.h documents.
#pragma once
#include <cstddef>
#include <cstdint>

namespace veneer::VENEER_TARGET {
namespace {

// A block as groups kWidth wide (16 stands for all widths above, too).
template <int kWidth>
struct Groups {
  static constexpr int kRows = 16 / kWidth;

  template <class Sample>
  static void fill(int w, int h, int16_t* out, ptrdiff_t stride, Sample sample) {
    for (int y = 0; y < h; y += kRows) {
      for (int x = 0; x < w; x += kWidth) store_group<kWidth>(out + y * stride + x, stride, sample(x, y));
    }
  }
};

}  // namespace
}  // namespace veneer::VENEER_TARGET
