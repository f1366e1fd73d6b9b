// What the payload of a modular tile is made of, for both directions.
// Source: docs/format.md, "Modular tiles".
#pragma once
#include "base/modular/forms.h"
#include "base/modular/tile.h"
#include "base/modular/value_map.h"

namespace veneer::modular {

// The first byte: a form, and whether maps of values follow.
constexpr int kFormMask = 3, kMapsFlag = 4, kKnownFlags = 7;
constexpr int kMostOfAlphaCoder = 255;

// Colours of a picture of some channels.
inline int colours_of(int channels) { return channels < 3 ? 1 : 3; }
inline bool alpha_in(int channels) { return channels % 2 == 0; }

// The planes of a tile that its form codes, in its own memory; `maps` has one map a channel.
inline Planes coded_planes(Form form, const ValueMap* maps, int depth, TilePlanes* tile) {
  Planes planes;
  planes.width = tile->width();
  planes.height = tile->height();
  planes.stride = tile->width();
  const auto add = [&](int c) {
    planes.plane[planes.count] = tile->plane(c);
    planes.most[planes.count++] = maps[c].most(depth);
  };
  const int colours = colours_of(tile->channels());
  int coded = 0;
  for (int c = 0; c < colours; ++c) coded += maps[c].coded(depth);
  for (int c = 0; c < colours; ++c) {
    if (coded > 1 || maps[c].coded(depth)) add(c);  // of two, the third goes with them, all zero
  }
  const bool alpha = alpha_in(tile->channels()) && maps[colours].coded(depth) && codes_alpha(form);
  planes.colours = planes.count;
  if (alpha) add(colours);
  if (planes.colours == 0) planes.colours = planes.count;  // alpha alone, as a grey plane
  return planes;
}

}  // namespace veneer::modular
