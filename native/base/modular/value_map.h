// Which of its possible values a plane has: the forms code the number of a value among them.
//
// The syntax of all maps of a tile serves both directions, over a reader or a writer (bit_io.h, enc_bit_io.h).
// Source: docs/format.md, "Modular tiles".
#pragma once
#include <algorithm>
#include <cstdint>

#include "base/modular/planes.h"
#include "common/memory.h"
#include "entropy/adaptive.h"

namespace veneer::modular {

enum class MapKind : uint32_t {
  kAll,    // every value of the depth
  kGrid,   // offset, offset + step, offset + 2 step, ...: `count` of them
  kTable,  // any values, in rising order
  kSame,   // the plane is a copy of plane 0
};

struct ValueMap {
  MapKind kind = MapKind::kAll;
  int offset = 0, step = 1, count = 0;  // of a grid
  Vector<uint16_t> table;

  // The largest number of a value; `kSame` has none.
  int most(int depth) const {
    switch (kind) {
      case MapKind::kAll:
        return (1 << depth) - 1;
      case MapKind::kGrid:
        return count - 1;
      case MapKind::kTable:
        return static_cast<int>(table.size()) - 1;
      default:
        return 0;
    }
  }
  // Whether the forms code the plane at all.
  bool coded(int depth) const { return most(depth) > 0; }
};

constexpr int kGapClasses = 17;

// Distances of neighbouring values of a table, of 1..65535: the number of bits, by that of the distance before, then
// the bits below the uppermost one.
class GapModels {
 public:
  GapModels() { std::fill_n(&more_[0][0], kGapClasses * kGapClasses, kFreshModel); }

  template <class Io>
  int gap(Io& io, int gap) {
    int bits = 1;
    while (bits < kGapClasses - 1 && io.bit(more_[previous_][bits], gap >> bits != 0)) ++bits;
    previous_ = bits;
    const uint32_t low = io.raw(bits - 1, static_cast<uint32_t>(gap) & ((1u << (bits - 1)) - 1));
    return 1 << (bits - 1) | static_cast<int>(low);
  }

 private:
  int previous_ = 0;
  BitModel more_[kGapClasses][kGapClasses];  // [bits of the distance before][bits so far]
};

template <class Io>
bool code_grid(Io& io, ValueMap* map, int depth) {
  const auto number = [&](int value) { return static_cast<int>(io.raw(depth, static_cast<uint32_t>(value))); };
  map->offset = number(map->offset);
  map->count = number(map->count - 1) + 1;
  if (map->count > 1) map->step = number(map->step);
  const int64_t last = map->offset + static_cast<int64_t>(map->step) * (map->count - 1);
  return map->step >= 1 && last < int64_t{1} << depth;
}

template <class Io>
bool code_table(Io& io, ValueMap* map, int depth) {
  const int count = static_cast<int>(io.raw(depth, static_cast<uint32_t>(map->table.size()) - 1)) + 1;
  if (Io::kReads) map->table.resize(static_cast<size_t>(count));
  uint16_t* const values = map->table.data();
  values[0] = static_cast<uint16_t>(io.raw(depth, values[0]));
  GapModels models;
  for (int i = 1; i < count; ++i) {
    const int value = values[i - 1] + models.gap(io, values[i] - values[i - 1]);
    if (value >= 1 << depth) return false;
    values[i] = static_cast<uint16_t>(value);
  }
  return true;
}

// The maps of the planes of a tile, of which the first `colours` are colours. False if they cannot be such.
template <class Io>
bool code_maps(Io& io, ValueMap* maps, int count, int colours, int depth) {
  for (int p = 0; p < count; ++p) {
    ValueMap& map = maps[p];
    map.kind = static_cast<MapKind>(io.raw(2, static_cast<uint32_t>(map.kind)));
    if (map.kind == MapKind::kGrid && !code_grid(io, &map, depth)) return false;
    if (map.kind == MapKind::kTable && !code_table(io, &map, depth)) return false;
    if (map.kind == MapKind::kSame && (p == 0 || p >= colours)) return false;
  }
  return true;
}

}  // namespace veneer::modular
