// Fuzz target: the decoder of modular tiles, and its encoder on samples of any content. Scalar kernels and the best ones
// have to give the same samples and the same payloads.
//
// Input: width, height, channels and bits of a sample, each less 1; which of the two, then a payload, or effort, largest
// error and samples in runs.
#include <algorithm>
#include <cstdlib>

#include "base/dct.h"
#include "base/modular/enc_tile.h"
#include "base/modular/tile.h"
#include "fuzz/fuzz_input.h"

namespace {

using veneer::Vector;
using veneer::View;
using veneer::fuzz::Input;
using veneer::fuzz::promise;
using veneer::modular::TilePlanes;

constexpr int kTwiceEncoded = 500;  // pixels, at most, of tiles that are encoded with both kernels

struct Shape {
  int width, height, channels, depth;
};

// Whether the payload is valid, by the kernels of that name.
bool decode_by(const char* target, const uint8_t* payload, size_t size, const Shape& shape, TilePlanes* tile) {
  veneer::force_kernels(target);
  const bool valid = veneer::modular::decode_tile({payload, size}, shape.depth, tile);
  veneer::force_kernels("auto");
  return valid;
}

bool same(const TilePlanes& a, const TilePlanes& b) {
  const size_t count = static_cast<size_t>(a.width()) * a.height();
  for (int c = 0; c < a.channels(); ++c) {
    if (!std::equal(a.plane(c), a.plane(c) + count, b.plane(c))) return false;
  }
  return true;
}

void decode(const std::vector<uint8_t>& payload, const Shape& shape) {
  TilePlanes tile(shape.width, shape.height, shape.channels), scalar(shape.width, shape.height, shape.channels);
  const bool valid = decode_by("auto", payload.data(), payload.size(), shape, &tile);
  promise(valid == decode_by("scalar", payload.data(), payload.size(), shape, &scalar), "kernels agree on validity");
  if (!valid) return;
  promise(same(tile, scalar), "kernels give the same samples");
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
  if (shape.width * shape.height <= kTwiceEncoded) {
    veneer::force_kernels("scalar");
    const Vector<uint8_t> again = veneer::modular::encode_tile(view, settings);
    veneer::force_kernels("auto");
    promise(again.size() == payload.size() && std::equal(again.begin(), again.end(), payload.begin()),
            "kernels give the same payload");
  }
  TilePlanes tile(shape.width, shape.height, shape.channels), scalar(shape.width, shape.height, shape.channels);
  promise(decode_by("auto", payload.data(), payload.size(), shape, &tile), "a payload is valid");
  promise(decode_by("scalar", payload.data(), payload.size(), shape, &scalar), "a payload is valid for scalar kernels");
  promise(same(tile, scalar), "kernels give the same samples");
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
