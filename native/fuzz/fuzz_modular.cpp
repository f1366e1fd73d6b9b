// Fuzz target: the decoder of modular tiles, and its encoder on samples of any content.
//
// Input: width, height, channels and bits of a sample, each less 1; which of the two, then a payload, or effort, largest
// error and samples in runs.
#include <cstdlib>

#include "base/modular/enc_tile.h"
#include "base/modular/tile.h"
#include "fuzz/fuzz_input.h"

namespace {

using veneer::Vector;
using veneer::View;
using veneer::fuzz::Input;
using veneer::fuzz::promise;
using veneer::modular::TilePlanes;

struct Shape {
  int width, height, channels, depth;
};

void decode(const std::vector<uint8_t>& payload, const Shape& shape) {
  TilePlanes tile(shape.width, shape.height, shape.channels);
  if (!veneer::modular::decode_tile({payload.data(), payload.size()}, shape.depth, &tile)) return;
  for (int c = 0; c < shape.channels; ++c) {
    for (int y = 0; y < shape.height; ++y) {
      for (int x = 0; x < shape.width; ++x) promise(tile.row(c, y)[x] >> shape.depth == 0, "samples have their depth");
    }
  }
}

void round_trip(Input& input, const Shape& shape) {
  veneer::modular::TileSettings settings;
  settings.depth = shape.depth;
  settings.effort = input.number(1, 9);
  settings.max_error = input.number(0, 8);
  settings.exact = true;
  const int most = (1 << shape.depth) - 1;
  std::vector<uint16_t> samples(static_cast<size_t>(shape.width) * shape.height * shape.channels);
  for (size_t i = 0; i < samples.size();) {
    const auto value = static_cast<uint16_t>(input.two_bytes() & most);
    for (int run = input.number(1, 40); run > 0 && i < samples.size(); --run) samples[i++] = value;
  }
  const View<const uint16_t> view(samples.data(), shape.width, shape.height, shape.channels,
                                  ptrdiff_t{shape.width} * shape.channels);
  const Vector<uint8_t> payload = veneer::modular::encode_tile(view, settings);
  TilePlanes tile(shape.width, shape.height, shape.channels);
  promise(veneer::modular::decode_tile({payload.data(), payload.size()}, shape.depth, &tile), "a payload is valid");
  for (int y = 0; y < shape.height; ++y) {
    for (int x = 0; x < shape.width; ++x) {
      for (int c = 0; c < shape.channels; ++c) {
        promise(std::abs(tile.row(c, y)[x] - view.at(x, y)[c]) <= settings.max_error, "errors keep to their bound");
      }
    }
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  Input input(data, size);
  Shape shape{};
  shape.width = input.number(1, 150);
  shape.height = input.number(1, 80);
  shape.channels = input.number(1, 4);
  shape.depth = input.number(1, 16);
  if (input.byte() % 2 == 1) {
    round_trip(input, shape);
  } else {
    decode(input.take(input.left()), shape);
  }
  return 0;
}
