// Fuzz target: filters and latents of a tile's enhancement, read from its payload.
//
// Input: planes, rows, columns and channels of the latents, their distributions, the payload. What is found is within its
// limits, filters are the same with and without latents after them, and an invalid payload leaves latents of 0.
#include <algorithm>
#include <cstdlib>

#include "enhance/latents.h"
#include "fuzz/fuzz_input.h"

namespace {

using veneer::CodedPlaneFilters;
using veneer::Image;
using veneer::TileFilters;
using veneer::fuzz::Input;
using veneer::fuzz::promise;

void check(const TileFilters& filters) {
  promise(filters.clip >= 0 && filters.clip <= 63, "a clip is 0..63");
  for (int p = 0; p < filters.planes; ++p) {
    const CodedPlaneFilters& plane = filters.plane[p];
    promise(plane.count >= 0 && plane.count <= veneer::kMaxFilterClasses, "there are 0..8 classes");
    for (int k = 0; k + 1 < plane.count; ++k) {
      const int before = k > 0 ? plane.thresholds[k - 1] : -1;
      promise(plane.thresholds[k] > before && plane.thresholds[k] <= 63, "thresholds rise and are 0..63");
    }
    for (int k = 0; k < plane.count; ++k) {
      for (const int tap : plane.coefficients[k]) promise(std::abs(tap) <= 127, "coefficients are -127..127");
    }
  }
}

bool all_are(const Image<int16_t>& y, int low, int high) {
  const size_t count = static_cast<size_t>(y.width()) * y.height() * y.channels();
  return std::all_of(y.data(), y.data() + count, [=](int16_t value) { return low <= value && value <= high; });
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  Input input(data, size);
  const int planes = input.byte() % 2 ? 3 : 1;
  const int width = input.number(1, 6), height = input.number(1, 6), channels = input.number(1, 4);
  Image<uint8_t> index(width, height, channels);
  std::generate_n(index.data(), width * height * channels, [&] { return static_cast<uint8_t>(input.number(0, 63)); });
  const std::vector<uint8_t> bytes = input.take(input.left());
  const veneer::Bytes payload = {bytes.data(), bytes.size()};

  constexpr int kUntouched = 999;
  TileFilters alone, filters;
  Image<int16_t> y(width, height, channels, kUntouched);
  const bool found_alone = read_filters(payload, planes, nullptr, y.view(), &alone);
  promise(all_are(y, kUntouched, kUntouched), "no latents are read where there are none");
  if (found_alone) check(alone);

  bool asked = false;
  const auto indices = [&] {
    asked = true;
    return index;
  };
  const veneer::LatentIndices reference(indices);
  const bool found = read_filters(payload, planes, &reference, y.view(), &filters);
  promise(found ? found_alone : true, "filters do not depend on latents");
  promise(!asked || found_alone, "latents follow filters alone");
  if (!asked) promise(all_are(y, kUntouched, kUntouched), "latents that do not follow are not read");
  if (asked) promise(found ? all_are(y, -127, 127) : all_are(y, 0, 0), "latents are in their range, or 0");
  promise(alone.clip == filters.clip && alone.plane[0].count == filters.plane[0].count, "filters are read alike");

  const bool latents = read_latents(payload, index.view(), y.view());
  promise(latents ? all_are(y, -127, 127) : all_are(y, 0, 0), "latents are in their range, or 0");
  return 0;
}
