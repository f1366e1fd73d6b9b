// Samples of a modular tile, plane by plane, as the forms of coding take and give them.
//
// Place: between tile.cpp, enc_tile.cpp and the forms.
// Source: docs/format.md, "Modular base".
#pragma once
#include <cstddef>
#include <cstdint>

namespace veneer::modular {

constexpr int kMaxPlanes = 4;

struct Planes {
  int width = 0, height = 0;  // 1..65535
  int count = 0;              // planes, 1..4
  int colours = 0;  // of them without alpha: 1 (grey) or 3 (R, G, B in this order); alpha, if any, is the last plane
  int most[kMaxPlanes] = {};         // largest value of each plane, 0..65535, after compaction
  uint16_t* plane[kMaxPlanes] = {};  // height rows of `stride` values
  ptrdiff_t stride = 0;

  uint16_t* row(int p, int y) const { return plane[p] + y * stride; }
  bool has_alpha() const { return count > colours; }
};

// The plane that the forms for photographs code as number c: green first of three, which says most about the others.
inline int plane_coded_as(const Planes& planes, int c) { return planes.count == 3 && c < 2 ? 1 - c : c; }

}  // namespace veneer::modular
