#include "base/modular/enc_value_map.h"

#include <numeric>

namespace veneer::modular {
namespace {

Vector<uint16_t> used_values(const uint16_t* samples, size_t count, int depth) {
  Vector<uint8_t> used(size_t{1} << depth);
  for (size_t i = 0; i < count; ++i) used[samples[i]] = 1;
  Vector<uint16_t> values;
  for (size_t v = 0; v < used.size(); ++v) {
    if (used[v]) values.push_back(static_cast<uint16_t>(v));
  }
  return values;
}

}  // namespace

ValueMap choose_map(const uint16_t* samples, size_t count, int depth) {
  ValueMap map;
  Vector<uint16_t> values = used_values(samples, count, depth);
  int step = 0;
  for (uint16_t v : values) step = std::gcd(step, v - values[0]);
  step = std::max(step, 1);
  const int spread = values.back() - values[0], of_grid = spread / step + 1, of_table = static_cast<int>(values.size());
  if (4 * of_table > 3 * (1 << depth)) return map;
  if (4 * of_table > 3 * of_grid) {
    map.kind = MapKind::kGrid;
    map.offset = values[0];
    map.step = step;
    map.count = of_grid;
  } else {
    map.kind = MapKind::kTable;
    map.table = std::move(values);
  }
  return map;
}

void apply_map(const ValueMap& map, int depth, uint16_t* samples, size_t count) {
  if (map.kind == MapKind::kGrid) {
    for (size_t i = 0; i < count; ++i) samples[i] = static_cast<uint16_t>((samples[i] - map.offset) / map.step);
  } else if (map.kind == MapKind::kTable) {
    Vector<uint16_t> number(size_t{1} << depth);
    for (size_t i = 0; i < map.table.size(); ++i) number[map.table[i]] = static_cast<uint16_t>(i);
    for (size_t i = 0; i < count; ++i) samples[i] = number[samples[i]];
  } else if (map.kind == MapKind::kSame) {
    std::fill_n(samples, count, uint16_t{0});
  }
}

}  // namespace veneer::modular
