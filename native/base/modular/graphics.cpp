#include "base/modular/graphics.h"

#include "base/modular/graphics_syntax.h"

namespace veneer::modular {
namespace {

using namespace graphics;

void store(const Planes& planes, const Channels& channels, const Colours& colours, const uint32_t* numbers, int y) {
  for (int c = 0; c < channels.count; ++c) {
    uint16_t* const row = planes.row(channels.plane[c], y);
    for (int x = 0; x < planes.width; ++x) row[x] = static_cast<uint16_t>(value_in(colours[numbers[x]], c));
  }
}

}  // namespace

bool decode_graphics(Bytes data, const Planes& planes) {
  BitReader io(data.data, data.size);
  const Channels channels(planes);
  Settings settings{};
  bool listed = false;
  Vector<Colour> list;
  if (!code_start(io, channels, &settings, &listed, &list) || !io.valid()) return false;
  Colours colours = first_colours(listed, std::move(list), planes);
  if (colours.listed() && colours.size() == 1) {
    const Vector<uint32_t> numbers(static_cast<size_t>(planes.width), 0);
    for (int y = 0; y < planes.height; ++y) store(planes, channels, colours, numbers.data(), y);
    return true;
  }
  TileCoder<BitReader> tile(io, planes, channels, settings, &colours);
  for (int y = 0; y < planes.height; ++y) {
    tile.row(y, nullptr);
    if (!io.valid()) return false;
    store(planes, channels, colours, tile.numbers(y), y);
  }
  return io.raw(1, 0) == 1 && io.valid();
}

}  // namespace veneer::modular
