#include "block_shape.h"

#include <algorithm>

namespace veneer {
namespace {

int diagonal_class(int d) {
  constexpr int kFirst[kDiagonalClasses] = {0, 1, 2, 3, 4, 5, 7, 9, 12, 17};
  int c = kDiagonalClasses - 1;
  while (d < kFirst[c]) --c;
  return c;
}

void make_shape(int log2_w, int log2_h, BlockShape* shape) {
  BlockShape& s = *shape;
  s.log2_w = log2_w;
  s.log2_h = log2_h;
  s.w = 1 << log2_w;
  s.h = 1 << log2_h;
  s.fw = std::min(s.w, 32);
  s.fh = std::min(s.h, 32);
  s.count = s.fw * s.fh;
  const int log2_area = log2_w + log2_h;
  s.size_class = log2_area <= 5 ? 0 : log2_area <= 8 ? 1 : 2;
  s.shape_class = std::min(log2_area - 4, kShapeClasses - 1);
  s.coarse_log2_w = std::min(log2_w, 3);
  s.coarse_log2_h = std::min(log2_h, 3);
  s.cell_shift = log2_area - s.coarse_log2_w - s.coarse_log2_h;

  for (int i = 0; i < s.count; ++i) s.scan[i] = static_cast<uint16_t>(i);
  // Anti-diagonals of normalized frequency u / w + v / h; from the top right down within one.
  std::sort(s.scan, s.scan + s.count, [&](int a, int b) {
    const int ka = (a % s.fw) * s.h + (a / s.fw) * s.w, kb = (b % s.fw) * s.h + (b / s.fw) * s.w;
    return ka != kb ? ka < kb : a / s.fw < b / s.fw;
  });
  int order[kMaxShapeCount];
  for (int i = 0; i < s.count; ++i) order[s.scan[i]] = i;
  s.reach = 0;
  int last_u = 0, last_v = 0;
  for (int i = 0; i < s.count; ++i) {
    const int u = s.scan[i] % s.fw, v = s.scan[i] / s.fw;
    const int near[5][2] = {{u - 1, v}, {u, v - 1}, {u - 1, v - 1}, {u - 2, v}, {u, v - 2}};
    for (int n = 0; n < 5; ++n) {
      const int at = near[n][0] < 0 || near[n][1] < 0 ? -1 : order[near[n][1] * s.fw + near[n][0]];
      s.behind[i * 5 + n] = static_cast<int16_t>(at);
      if (at >= 0) s.reach = std::max(s.reach, i - at);
    }
    last_u = std::max(last_u, u);
    last_v = std::max(last_v, v);
    s.last_u[i] = static_cast<uint8_t>(last_u);
    s.last_v[i] = static_cast<uint8_t>(last_v);
    s.padded[i] = static_cast<uint16_t>((v + 2) * (s.fw + 2) + u + 2);
    s.diagonal[i] = static_cast<uint8_t>(diagonal_class(u + v));
    s.cell[i] = static_cast<uint8_t>((v * 8 / s.h) * 8 + u * 8 / s.w);
    s.frequency[i] = static_cast<uint8_t>(v * 8 / s.h + u * 8 / s.w);
  }
}

// Shapes by log2 of the width less 2, and of the height less that of the width, plus 1. They do not come from
// a caller's allocator, since they outlive all callers.
BlockShape shapes[5][3];

bool make_shapes() {
  for (int w = 2; w <= 6; ++w) {
    for (int h = std::max(2, w - 1); h <= std::min(6, w + 1); ++h) make_shape(w, h, &shapes[w - 2][h - w + 1]);
  }
  return true;
}

}  // namespace

const BlockShape& block_shape(int log2_w, int log2_h) {
  static const bool is_made = make_shapes();
  static_cast<void>(is_made);
  return shapes[log2_w - 2][log2_h - log2_w + 1];
}

}  // namespace veneer
