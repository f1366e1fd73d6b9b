#include "base/modular/enc_candidates.h"

#include <cstdint>

#include "base/modular/enc_forms.h"
#include "base/modular/tile_layout.h"

namespace veneer::modular {
namespace {

constexpr int kPhotoEffort = 6;  // from which the slow form is tried, which decodes as slowly as it encodes
constexpr int kAllEffort = 8;    // from which everything is
// What the form for drawings must save, in percent, where the fast form can code a tile: it decodes ten times as slowly.
// From kPhotoEffort on the time to decode does not count.
constexpr size_t kLeastSaving = 5;
// Shares of pixels like the one before or the one above, in percent: below the first a tile is no drawing, above the
// second it is one, between them both are tried.
constexpr int kLeastRepeated = 20, kMostRepeated = 60;
constexpr int kRowStep = 4;  // of the rows that are looked at

// How many percent of the pixels are like the one before or the one above.
int repeated_percent(const TilePlanes& tile) {
  int64_t repeated = 0, count = 0;
  for (int y = 0; y < tile.height(); y += kRowStep) {
    const int above = y > 0 ? -tile.width() : 0;
    for (int x = 1; x < tile.width(); ++x) {
      bool like_before = true, like_above = y > 0;
      for (int c = 0; c < tile.channels(); ++c) {
        const uint16_t* const sample = tile.row(c, y) + x;
        like_before &= sample[0] == sample[-1];
        like_above &= sample[0] == sample[above];
      }
      repeated += like_before || like_above;
    }
    count += tile.width() - 1;
  }
  return count > 0 ? static_cast<int>(100 * repeated / count) : 100;
}

}  // namespace

Candidates candidates_for(const TilePlanes& tile, int effort) {
  const int repeated = repeated_percent(tile);
  const bool all = effort >= kAllEffort;
  const bool drawn = all || repeated >= kLeastRepeated, natural = all || repeated <= kMostRepeated;
  const bool tried[kForms] = {false, natural && effort >= kPhotoEffort, natural, drawn};
  Candidates candidates;
  for (int f = 0; f < kForms; ++f) {
    const Form form = static_cast<Form>(f);
    if (!tried[f] || !can_encode(form, tile.width())) continue;
    candidates.add({form, true});
    if (all && form != Form::kGraphics) candidates.add({form, false});
  }
  return candidates;
}

bool is_preferred(Form form, size_t bytes, Form other, size_t bytes_of_other, int effort) {
  const bool slower = form == Form::kGraphics && other == Form::kFast && effort < kPhotoEffort;
  return slower ? bytes * 100 <= bytes_of_other * (100 - kLeastSaving) : bytes < bytes_of_other;
}

}  // namespace veneer::modular
