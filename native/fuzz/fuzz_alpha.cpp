// Fuzz target: the decoder of alpha planes, and its encoder on planes of any content.
//
// Input: width, height, which of the two, then a payload or the samples.
#include "base/alpha.h"
#include "base/enc_alpha.h"
#include "fuzz/fuzz_input.h"

namespace {

using veneer::fuzz::Input;
using veneer::fuzz::promise;

void decode(const std::vector<uint8_t>& payload, int w, int h) {
  const size_t count = static_cast<size_t>(w) * h;
  std::vector<uint8_t> first(count, 1), second(2 * count, 2);
  const bool valid = veneer::decode_alpha(payload.data(), payload.size(), w, h, first.data(), 1, w);
  promise(valid == veneer::decode_alpha(payload.data(), payload.size(), w, h, second.data(), 2, ptrdiff_t{2} * w),
          "strides do not change what is valid");
  for (size_t i = 0; i < count && valid; ++i) promise(first[i] == second[2 * i], "strides do not change samples");
}

void round_trip(Input& input, int w, int h) {
  std::vector<uint8_t> plane(static_cast<size_t>(w) * h), back(plane.size());
  // Runs, so that short inputs reach rows that repeat and groups that are flat.
  for (size_t i = 0; i < plane.size();) {
    const uint8_t value = input.byte();
    for (int run = input.number(1, 100); run > 0 && i < plane.size(); --run) plane[i++] = value;
  }
  const std::vector<uint8_t> payload = veneer::encode_alpha(plane.data(), 1, w, w, h);
  promise(veneer::decode_alpha(payload.data(), payload.size(), w, h, back.data(), 1, w), "a payload is valid");
  promise(back == plane, "alpha comes back");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  Input input(data, size);
  const int w = input.number(1, 150), h = input.number(1, 80);
  if (input.byte() % 2 == 1) {
    round_trip(input, w, h);
  } else {
    decode(input.take(input.left()), w, h);
  }
  return 0;
}
