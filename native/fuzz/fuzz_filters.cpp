// Fuzz target: filters over the enhanced picture, and the sums that an encoder chooses them by.
//
// Input: width, height, channels, a box, filters of each plane, the enhanced picture and the base. However a box is
// divided, the results and the sums are the same; without coefficients nothing changes.
#include <algorithm>

#include "enhance/enc_filters.h"
#include "enhance/filters.h"
#include "fuzz/fuzz_input.h"

namespace {

using veneer::FilterInput;
using veneer::PlaneFilters;
using veneer::Rect;
using veneer::View;
using veneer::fuzz::Input;
using veneer::fuzz::promise;

constexpr int kSums = veneer::kActivityBins * (veneer::kFilterTaps + 1) * (veneer::kFilterTaps + 1);

PlaneFilters random_filters(Input& input) {
  PlaneFilters filters = {};
  const int classes = input.number(0, veneer::kMaxFilterClasses);
  int code = 0;
  for (int k = 0; k + 1 < veneer::kMaxFilterClasses; ++k) {
    code = std::min(code + input.number(1, 12), 63);
    filters.thresholds[k] = k + 1 < classes ? (4 + (code & 3)) << (code >> 2) : INT32_MAX;
  }
  for (auto& tap : filters.coefficients) {
    for (int k = 0; k < classes; ++k) tap[k] = input.number(-127, 127);
  }
  return filters;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  Input input(data, size);
  const int width = input.number(1, 60), height = input.number(1, 60), channels = input.byte() % 2 ? 3 : 1;
  const int x = input.number(0, width - 1), y = input.number(0, height - 1);
  const Rect box = {x, y, input.number(1, width - x), std::min(input.number(1, height - y), veneer::kFilterRows)};
  const int clip_code = input.number(0, 63), clip = (4 + (clip_code & 3)) << (clip_code >> 2);
  std::vector<PlaneFilters> filters;
  for (int p = 0; p < channels; ++p) filters.push_back(random_filters(input));
  const size_t count = static_cast<size_t>(width) * height * channels;
  std::vector<uint8_t> original(count);
  std::vector<int16_t> enhanced(count), base(count);
  for (size_t i = 0; i < count; ++i) {
    enhanced[i] = static_cast<int16_t>(input.number(0, 255 << 6));
    original[i] = static_cast<uint8_t>((enhanced[i] >> 6) ^ (i % 7));
    base[i] = static_cast<int16_t>(input.left() ? input.number(0, 1020) : enhanced[i] >> 4);
  }
  const auto view_of = [&](std::vector<int16_t>& values) {
    return View<int16_t>(values.data(), width, height, channels, ptrdiff_t{width} * channels);
  };
  const FilterInput picture = {view_of(enhanced), view_of(base)};
  const int rows = input.number(0, box.height), columns = input.number(0, box.width);
  const Rect parts[] = {{box.x, box.y, columns, rows},
                        {box.x + columns, box.y, box.width - columns, rows},
                        {box.x, box.y + rows, columns, box.height - rows},
                        {box.x + columns, box.y + rows, box.width - columns, box.height - rows}};

  std::vector<int16_t> whole = enhanced, divided = enhanced;
  std::vector<int64_t> sums(static_cast<size_t>(channels) * kSums), other_sums(sums.size());
  filter_box(picture, box, filters.data(), clip, view_of(whole));
  add_filter_products(picture, original.data(), box, clip, sums.data());
  for (const Rect& part : parts) {
    if (part.width == 0 || part.height == 0) continue;
    filter_box(picture, part, filters.data(), clip, view_of(divided));
    add_filter_products(picture, original.data(), part, clip, other_sums.data());
  }
  promise(whole == divided, "results do not depend on how a box is divided");
  promise(sums == other_sums, "sums do not depend on how a box is divided");
  if (std::none_of(filters.begin(), filters.end(), [](const PlaneFilters& each) { return each.any(); })) {
    promise(whole == enhanced, "no coefficients, no change");
  }
  return 0;
}
