// The syntax of a tile in the graphics form, over a reader or a writer: rows, groups, pixels.
// Source: docs/format.md, "Graphics form".
#pragma once
#include "base/modular/graphics_candidates.h"
#include "base/modular/graphics_list.h"
#include "base/modular/graphics_values.h"

namespace veneer::modular::graphics {

constexpr int kGroup = 32;  // pixels that are coded as one where what lies above them suggests it

struct Settings {
  int candidates;  // at most, 1..kMaxCandidates
};

// Codes the numbers of the colours of all pixels, row by row.
template <class Io>
class TileCoder {
 public:
  // colours: those known before the first pixel.
  TileCoder(Io& io, const Planes& planes, const Channels& channels, const Settings& settings, Colours* colours)
      : io_(io),
        channels_(channels),
        settings_(settings),
        colours_(*colours),
        pixels_(static_cast<int64_t>(planes.width) * planes.height),
        canvas_(planes.width, planes.height),
        history_(planes.width),
        rows_(planes.height),
        seen_(pixels_),
        matches_{Match(pixels_), Match(pixels_)},
        candidates_(pixels_, channels, *colours),
        values_(pixels_, channels) {
    std::fill_n(&group_model_[0][0], 4, kFreshModel);
    std::fill(std::begin(row_model_), std::end(row_model_), kFreshModel);
    std::fill(std::begin(again_model_), std::end(again_model_), kFreshModel);
  }

  // Row y: `target` has the colours that a writer is to code, and is not looked at by a reader.
  void row(int y, const Colour* target) {
    target_ = target;
    canvas_.begin_row(y);
    history_.begin_row(y);
    for (Match& match : matches_) match.forget();
    if (!repeated_row(y)) groups(y);
    canvas_.end_row(y);
  }
  const uint32_t* numbers(int y) const { return canvas_.row(y); }

 private:
  bool is_target(const uint32_t* numbers, int x, int count) const {
    if (Io::kReads) return false;
    for (int i = 0; i < count; ++i) {
      if (colours_[numbers[i]] != target_[x + i]) return false;
    }
    return true;
  }

  // Whether the row is like the one above or like the one that came last after such a row.
  bool repeated_row(int y) {
    if (y == 0) return false;
    const int width = canvas_.width();
    repeats_ = io_.bit(row_model_[repeats_], is_target(canvas_.row(y - 1), 0, width));
    if (repeats_) {
      canvas_.copy_row(y - 1, y);
      return true;
    }
    const int other = rows_.find(canvas_, y);
    if (other == 0 || canvas_.same_rows(other, y - 1)) {
      again_ = 0;
      return false;
    }
    const bool again = io_.bit(again_model_[again_], is_target(canvas_.row(other), 0, width));
    again_ = again ? 1 : 2;
    if (again) canvas_.copy_row(other, y);
    return again;
  }

  void groups(int y) {
    uint32_t* const here = canvas_.row(y);
    const uint32_t *const above = canvas_.row(y - 1), *const above2 = canvas_.row(y - 2);
    for (int x = 0; x < canvas_.width(); x += kGroup) {
      const int count = std::min(kGroup, canvas_.width() - x);
      const size_t around = static_cast<size_t>(count) + 2;
      const bool flat =
          std::all_of(above + x - 1, above + x - 1 + around, [&](uint32_t n) { return n == here[x - 1]; });
      const bool steady = std::memcmp(above + x - 1, above2 + x - 1, around * sizeof(uint32_t)) == 0;
      if (flat || (steady && here[x - 1] == above[x - 1])) {
        if (io_.bit(group_model_[flat][steady], is_target(above + x, x, count))) {
          std::copy_n(above + x, count, here + x);
          for (Match& match : matches_) match.forget();
          continue;
        }
      }
      for (int i = x; i < x + count; ++i) pixel(i, y);
    }
  }

  void pixel(int x, int y) {
    uint32_t* const at = canvas_.row(y) + x;
    Surroundings around;
    look_around(canvas_, colours_, at, &around);
    seen_.look_up(around);
    matches_[0].find(canvas_, around.wide, x, y);
    matches_[1].find(canvas_, hash_along_row(at), x, y);
    uint8_t* const states = history_.states(y) + x;
    const uint8_t* const states_above = history_.states(y + 1) + x;
    const uint32_t near =
        static_cast<uint32_t>(states[-1] | states_above[0] << 2 | states_above[-1] << 4 | states_above[1] << 6);
    const Scene scene{around, seen_, matches_, canvas_, near, history_.errors(y, channels_.first_colour)[x - 1]};
    const Candidates list = list_candidates(scene, settings_.candidates);
    const int k = right_candidate(scene, list, x);
    *states = k == 0 ? kFirstCandidate : k < list.count() ? kLaterCandidate : kByValues;
    *at = k < list.count() ? list[k] : by_values(around, list, x, y);
    seen_.update(*at);
    for (Match& match : matches_) match.move_on(canvas_, *at);
  }

  static uint32_t hash_along_row(const uint32_t* at) {
    uint32_t hash = 0;
    for (int i = 1; i <= kMargin; ++i) hash = mix(hash, at[-i]);
    return hash;
  }

  // Which of the candidates is right; their count where none is.
  int right_candidate(const Scene& scene, const Candidates& list, int x) {
    int k = 0;
    for (; k < list.count(); ++k) {
      if (colours_.listed() && static_cast<size_t>(k) + 1 == colours_.size()) return k;  // the only colour left
      if (candidates_.is_right(io_, scene, list[k], k, is_target(list.data() + k, x, 1))) return k;
    }
    return k;
  }

  uint32_t by_values(const Surroundings& around, const Candidates& list, int x, int y) {
    Remaining left(colours_, list.data(), list.count());
    const auto errors = [&](int channel) {
      const uint16_t *const e = history_.errors(y, channel) + x, *const above = history_.errors(y + 1, channel) + x;
      return NearErrors{e[-1], above[0], above[-1], above[1]};
    };
    const auto set_error = [&](int channel, int error) {
      history_.errors(y, channel)[x] = static_cast<uint16_t>(error);
    };
    return colours_.number_of(values_.colour(io_, around, left, Io::kReads ? 0 : target_[x], errors, set_error));
  }

  Io& io_;
  const Channels& channels_;
  const Settings settings_;
  Colours& colours_;
  int64_t pixels_;
  Canvas canvas_;
  History history_;
  RowMemory rows_;
  SeenColours seen_;
  Match matches_[2];
  CandidateModels candidates_;
  ValueModels values_;
  const Colour* target_ = nullptr;
  int repeats_ = 0, again_ = 0;
  BitModel row_model_[2];       // [the row before was repeated]
  BitModel again_model_[3];     // [last decision of this kind: none, yes, no]
  BitModel group_model_[2][2];  // [all above is like the pixel before][the row above is like the one above it]
};

// What a tile begins with.
template <class Io>
bool code_start(Io& io, const Channels& channels, Settings* settings, bool* listed, Vector<Colour>* list) {
  settings->candidates = static_cast<int>(io.raw(4, static_cast<uint32_t>(settings->candidates)));
  *listed = io.raw(1, *listed);
  return settings->candidates > 0 && (!*listed || ListCoder(channels).code(io, list));
}

// The colours of a tile before its first pixel.
inline Colours first_colours(bool listed, Vector<Colour> list, const Planes& planes) {
  return listed ? Colours(std::move(list)) : Colours(static_cast<int64_t>(planes.width) * planes.height);
}

}  // namespace veneer::modular::graphics
