// A base picture of half size brought to full size: shown without enhancement, and what networks add to.
//
// Place: after the base layer, with Base_Scale 2.
// Source: docs/format.md, "Base picture alone"; the taps are those of a Lanczos window of three lobes.
#pragma once
#include <cstdint>

#include "common/image.h"
#include "common/runner.h"

namespace veneer {

constexpr int kInterpolationMargin = 3;  // base pixels beyond a place that have an influence on it
constexpr int kMaxQuarters = 1020;

// [H][W][channels] quarters of a level, 0..1020, to [2 H][2 W][channels].
Image<int16_t> interpolate(const View<const int16_t>& quarters, Runner& runner);

// Rounds quarters to whole levels; `pixels` has the same size and at least as many channels, of which the first are
// written.
void quarters_to_pixels(const View<const int16_t>& quarters, const View<uint8_t>& pixels);

}  // namespace veneer
