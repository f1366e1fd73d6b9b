// Colours of pixels in screen content, one after the other: text, drawings, windows, sprites.
//
// A colour that followed the same neighbours before is likely to follow them again. Patterns of two to twelve
// neighbours select slots, each of which remembers two colours; these and the nearest neighbours are a pixel's
// candidates, which are tried in order of their probability, one decision each. A colour that is not among them is
// spelled out. Glyphs, icons and whole windows that recur cost next to nothing, as if they had been copied.
// Nothing here belongs to the transform base: lossless coding can use it as it is.
// Source: docs/format.md, "Screen content".
#pragma once
#include <algorithm>
#include <cstdint>

#include "alpha_mixing.h"
#include "base/sample_contexts.h"

namespace veneer {

constexpr int kScreenNeighbours = 12;
constexpr int kScreenPatterns = 6;
constexpr int kScreenInputs = kScreenPatterns + 2;
constexpr int kScreenRanks = 6;        // candidates that are tried
constexpr int kScreenCandidates = 16;  // candidates that there can be: two of each pattern, four neighbours
constexpr int kScreenStates = 25;      // of a slot
constexpr int kScreenMaxRun = 24;
constexpr int kSpellContexts = 6;
constexpr int32_t kScreenFirstWeight = 16384, kSpellFirstWeight = 21845;
constexpr int kScreenWeightShift = 15, kSpellWeightShift = 14;
constexpr int32_t kSpellLeast = 32;  // probabilities of spelled bits, in 1/65536

// Colours are R << 16 | G << 8 | B; grey ones have their value as G, and 0 else.
inline int colour_red(uint32_t c) { return static_cast<int>(c >> 16 & 255); }
inline int colour_green(uint32_t c) { return static_cast<int>(c >> 8 & 255); }
inline int colour_blue(uint32_t c) { return static_cast<int>(c & 255); }

// Two colours that followed a pattern, the latest first, with how often in a row that one did.
struct ScreenSlot {
  uint32_t first;   // colour | run << 24
  uint32_t second;  // colour | known colours << 24 | event before the run << 26

  uint32_t first_colour() const { return first & 0xffffff; }
  uint32_t second_colour() const { return second & 0xffffff; }
  int known() const { return static_cast<int>(second >> 24 & 3); }
  int state() const {
    if (known() == 0) return kScreenStates - 1;
    const int run = static_cast<int>(first >> 24);
    const int run_class = run < 4 ? run : run < 6 ? 4 : run < 10 ? 5 : run < kScreenMaxRun ? 6 : 7;
    return run_class + 8 * static_cast<int>(second >> 26);
  }
};

// What a coder writes that is undone when a trial fails. This one keeps nothing.
struct NoJournal {
  template <class T>
  void set(T* word, T value) {
    *word = value;
  }
};

// The neighbours of a pixel, and what they say.
struct ScreenView {
  uint32_t near[kScreenNeighbours];  // W, N, NW, NE, WW, NN, NNE, NEE, NWW, NNW, WWW, NNN
  ScreenSlot* slot[kScreenPatterns];
  uint8_t state[kScreenPatterns];
  int longest;  // the longest pattern that is known, 0: none
  uint32_t candidate[kScreenRanks];
  int candidates;
};

// One decision: whether the colour is a certain one.
struct ScreenDecision {
  BitModel* model[kScreenInputs];
  int32_t logit[kScreenInputs];
  int32_t* weight;
  int32_t p1;
};

template <class Journal>
class ScreenPixels {
 public:
  // For a tile of `pixels` pixels.
  ScreenPixels(int64_t pixels, bool colour) : colour_(colour) {
    slot_shift_ = 32 - table_bits(pixels, -2, 10, 18);
    spell_shift_ = 32 - table_bits(pixels, -5, 8, 16);
    slots_.assign(size_t{kScreenPatterns} << (32 - slot_shift_), ScreenSlot{0, 0});
    SpellSlot fresh;
    std::fill(std::begin(fresh.model), std::end(fresh.model), kFreshModel);
    spell_slots_.assign(size_t{kSpellContexts} << (32 - spell_shift_), fresh);
    std::fill_n(reinterpret_cast<BitModel*>(&models_), sizeof models_ / sizeof(BitModel), kFreshModel);
    std::fill_n(&weights_[0][0][0], sizeof weights_ / sizeof(int32_t), kScreenFirstWeight);
    std::fill_n(&spell_weights_[0][0][0], sizeof spell_weights_ / sizeof(int32_t), kSpellFirstWeight);
  }

  Journal& journal() { return journal_; }

  // at: the pixel among colours with margins, whose rows are `stride` apart.
  void look(const uint32_t* at, ptrdiff_t stride, ScreenView* view) {
    const uint32_t *up = at - stride, *up2 = up - stride, *up3 = up2 - stride;
    const uint32_t near[kScreenNeighbours] = {at[-1], up[0], up[-1], up[1],   at[-2], up2[0],
                                              up2[1], up[2], up[-2], up2[-1], at[-3], up3[0]};
    std::copy_n(near, kScreenNeighbours, view->near);
    find_slots(view);
    rank(view);
  }

  // Codes the colour of the pixel and learns from it.
  template <class Io>
  uint32_t code(Io& io, ScreenView& view, uint32_t colour) {
    int r = 0;
    for (; r < view.candidates; ++r) {
      ScreenDecision decision;
      prepare(view, view.candidate[r], r, &decision);
      const int hit = io.bit_at(static_cast<uint32_t>(decision.p1), view.candidate[r] == colour);
      learn(decision, hit);
      if (hit) break;
    }
    colour = r < view.candidates ? view.candidate[r] : spell(io, view, colour);
    for (ScreenSlot* slot : view.slot) remember(slot, colour);
    return colour;
  }

  // A modelled decision of the syntax around pixels.
  template <class Io>
  int bit(Io& io, BitModel& model, int value) {
    value = io.bit_at(model.p1(), value);
    update(&model, value);
    return value;
  }

  // The decision whether the colour is `candidate`, asked as number `r`.
  void prepare(const ScreenView& view, uint32_t candidate, int r, ScreenDecision* out) {
    int agreeing = 0, shape = 0;
    const int other = std::min(r, 1);
    for (int i = 0; i < kScreenPatterns; ++i) {
      const ScreenSlot& slot = *view.slot[i];
      const int state = view.state[i], known = slot.known();
      if (known > 0 && slot.first_colour() == candidate) {
        out->model[i] = &models_.first[i][state];
        agreeing |= 1 << i;
      } else if (known > 1 && slot.second_colour() == candidate) {
        out->model[i] = &models_.second[i][state];
      } else {
        out->model[i] = &models_.neither[i][other][state];
      }
    }
    for (int i = 0; i < kShapeNeighbours; ++i) shape |= (view.near[i] == candidate) << i;
    out->model[kScreenPatterns] = &models_.shape[std::min(r, 3)][shape];
    out->model[kScreenPatterns + 1] = &models_.agreeing[std::min(r, 3)][agreeing];
    out->weight = weights_[r][view.longest];
    int64_t sum = 0;
    for (int i = 0; i < kScreenInputs; ++i) {
      out->logit[i] = kLogit[out->model[i]->state >> 20];
      sum += static_cast<int64_t>(out->weight[i]) * out->logit[i];
    }
    out->p1 = mixed(sum);
  }

  // What the bits of spell() would cost, by a table of costs as in enc_cost.h.
  int spelling_cost(const ScreenView& view, uint32_t colour, const uint16_t* costs) {
    CostMeter meter{costs};
    spell_out(meter, view, colour, false);
    return meter.cost;
  }

 private:
  static constexpr int kShapeNeighbours = 10;

  struct alignas(64) SpellSlot {  // a cache line
    BitModel model[16];
  };

  struct CostMeter {
    const uint16_t* costs;
    int cost = 0;
    int bit_at(uint32_t p1, int value) {
      cost += costs[value ? p1 >> 4 : 4095 - (p1 >> 4)];
      return value;
    }
  };

  static int32_t mixed(int64_t sum) {
    return kLogistic[static_cast<size_t>(std::clamp<int64_t>(sum >> 16, -kMaxLogit, kMaxLogit) + kMaxLogit)];
  }

  void update(BitModel* model, int value) {
    BitModel updated = *model;
    updated.update(value);
    journal_.set(&model->state, updated.state);
  }

  static int32_t adapted(int32_t weight, int32_t logit, int32_t error, int shift) {
    return std::clamp(weight + ((logit * error + (1 << (shift - 1))) >> shift), -kAlphaMaxWeight, kAlphaMaxWeight);
  }

  void learn(const ScreenDecision& decision, int value) {
    const int32_t error = (value << 16) - decision.p1;
    for (int i = 0; i < kScreenInputs; ++i) {
      journal_.set(&decision.weight[i], adapted(decision.weight[i], decision.logit[i], error, kScreenWeightShift));
      update(decision.model[i], value);
    }
  }

  static uint32_t finish_hash(uint32_t h) {
    h *= 0x85ebca6bu;
    return (h ^ h >> 13) * 0x9e3779b1u;
  }

  void find_slots(ScreenView* view) {
    const auto step = [](uint32_t h, uint32_t colour) {
      h = (h ^ colour) * 0x9e3779b1u;
      return h ^ h >> 15;
    };
    const auto choose = [&](int pattern, uint32_t h) {
      ScreenSlot* slot =
          &slots_[(static_cast<size_t>(pattern) << (32 - slot_shift_)) + (finish_hash(h) >> slot_shift_)];
      view->slot[pattern] = slot;
      view->state[pattern] = static_cast<uint8_t>(slot->state());
    };
    uint32_t h = 1;
    int pattern = 0;
    for (int i = 0; i < kScreenNeighbours; ++i) {
      h = step(h, view->near[i]);
      if (i == 1 || i == 3 || i == 5 || i == 7 || i == 11) choose(pattern++, h);
    }
    h = 2;
    for (int i : {1, 3, 5}) h = step(h, view->near[i]);
    choose(pattern, h);
    view->longest = 0;
    for (int i = 0; i < kScreenPatterns - 1; ++i) {
      if (view->slot[i]->known() > 0) view->longest = i + 1;
    }
  }

  // The most probable candidates, ties in the order in which they are found.
  void rank(ScreenView* view) {
    uint32_t found[kScreenCandidates];
    int count = 0;
    const auto add = [&](uint32_t colour) {
      for (int i = 0; i < count; ++i) {
        if (found[i] == colour) return;
      }
      found[count++] = colour;
    };
    for (int i : {4, 3, 2, 1, 0, 5}) {
      const ScreenSlot& slot = *view->slot[i];
      if (slot.known() > 0) add(slot.first_colour());
      if (slot.known() > 1) add(slot.second_colour());
    }
    for (int i : {0, 1, 3, 2}) add(view->near[i]);
    view->candidates = std::min(count, kScreenRanks);
    if (count == 1) {
      view->candidate[0] = found[0];
      return;
    }
    int32_t score[kScreenCandidates];
    for (int i = 0; i < count; ++i) {
      ScreenDecision decision;
      prepare(*view, found[i], 0, &decision);
      score[i] = decision.p1;
    }
    for (int r = 0; r < view->candidates; ++r) {
      int best = 0;
      for (int i = 1; i < count; ++i) {
        if (score[i] > score[best]) best = i;
      }
      view->candidate[r] = found[best];
      score[best] = -1;
    }
  }

  void remember(ScreenSlot* slot, uint32_t colour) {
    uint32_t first = slot->first, second = slot->second;
    const int known = slot->known();
    if (known == 0) {
      first = colour;
      second = 1u << 24;
    } else if (slot->first_colour() == colour) {
      if (first >> 24 == kScreenMaxRun) return;
      first += 1u << 24;
    } else {
      const uint32_t event = known > 1 && slot->second_colour() == colour ? 1 : 2;
      second = slot->first_colour() | 2u << 24 | event << 26;
      first = colour;
    }
    journal_.set(&slot->first, first);
    journal_.set(&slot->second, second);
  }

  // Spelled colours: G, then R, then B, in two halves of four bits each.

  template <class Io>
  uint32_t spell(Io& io, const ScreenView& view, uint32_t colour) {
    return spell_out(io, view, colour, true);
  }

  template <class Io>
  uint32_t spell_out(Io& io, const ScreenView& view, uint32_t colour, bool learning) {
    const uint32_t w = view.near[0], n = view.near[1], nw = view.near[2];
    const int predicted_green = gradient(colour_green(w), colour_green(n), colour_green(nw));
    const auto pg = static_cast<uint32_t>(predicted_green);
    const uint32_t green_keys[kSpellContexts] = {
        0, 256 * (w >> 8 & 255) + (n >> 8 & 255) + 1000, pg + 70000, 3 * w + 1, 5 * n + 2, 7 * (w ^ 65537 * n) + 3};
    const auto green = static_cast<uint32_t>(component(io, 0, green_keys, colour_green(colour), learning));
    if (!colour_) return green << 8;
    const int change = static_cast<int>(green) - predicted_green;
    const int predicted_red = gradient(colour_red(w), colour_red(n), colour_red(nw));
    const auto pr = static_cast<uint32_t>(predicted_red);
    const auto moved_red = static_cast<uint32_t>(std::clamp(predicted_red + change, 0, 255));
    const uint32_t red_keys[kSpellContexts] = {green,
                                               256 * green + (w >> 16 & 255) + 1000,
                                               moved_red + 70000,
                                               256 * moved_red + pr + 200000,
                                               3 * w + 77 * green,
                                               5 * n + 99 * green};
    const auto red = static_cast<uint32_t>(component(io, 1, red_keys, colour_red(colour), learning));
    const int predicted_blue = gradient(colour_blue(w), colour_blue(n), colour_blue(nw));
    const auto moved_blue = static_cast<uint32_t>(std::clamp(predicted_blue + change, 0, 255));
    const auto moved_by_red =
        static_cast<uint32_t>(std::clamp(predicted_blue + static_cast<int>(red) - predicted_red, 0, 255));
    const uint32_t both = 256 * green + red;
    const uint32_t blue_keys[kSpellContexts] = {both,
                                                red + 1000000,
                                                moved_blue + 2000000,
                                                256 * moved_by_red + moved_blue + 3000000,
                                                3 * w + 77 * both,
                                                311 * both + (w & 255)};
    const auto blue = static_cast<uint32_t>(component(io, 2, blue_keys, colour_blue(colour), learning));
    return red << 16 | green << 8 | blue;
  }

  template <class Io>
  int component(Io& io, int which, const uint32_t (&keys)[kSpellContexts], int value, bool learning) {
    int result = 0;
    for (int half = 0; half < 2; ++half) {
      SpellSlot* slot[kSpellContexts];
      const uint32_t more = half ? 16 + static_cast<uint32_t>(result) : 0;
      for (int i = 0; i < kSpellContexts; ++i) {
        uint32_t h = (keys[i] + static_cast<uint32_t>(kSpellContexts * which + i + 1)) * 0x9e3779b1u;
        h = finish_hash((h ^ h >> 15) + more);
        slot[i] = &spell_slots_[(static_cast<size_t>(i) << (32 - spell_shift_)) + (h >> spell_shift_)];
      }
      int node = 1;
      for (int b = 3; b >= 0; --b) {
        int32_t* weights = spell_weights_[2 * which + half][node];
        int32_t logit[kSpellContexts];
        int64_t sum = 0;
        for (int i = 0; i < kSpellContexts; ++i) {
          logit[i] = kLogit[slot[i]->model[node].state >> 20];
          sum += static_cast<int64_t>(weights[i]) * logit[i];
        }
        const int32_t p1 = std::clamp(mixed(sum), kSpellLeast, 65535 - kSpellLeast);
        const int bit = io.bit_at(static_cast<uint32_t>(p1), (half ? value : value >> 4) >> b & 1);
        if (learning) {
          const int32_t error = (bit << 16) - p1;
          for (int i = 0; i < kSpellContexts; ++i) {
            journal_.set(&weights[i], adapted(weights[i], logit[i], error, kSpellWeightShift));
            update(&slot[i]->model[node], bit);
          }
        }
        node = node << 1 | bit;
      }
      result = result << 4 | (node - 16);
    }
    return result;
  }

  bool colour_;
  int slot_shift_, spell_shift_;
  Journal journal_;
  Vector<ScreenSlot> slots_;
  Vector<SpellSlot> spell_slots_;
  struct {
    BitModel first[kScreenPatterns][kScreenStates];
    BitModel second[kScreenPatterns][kScreenStates];
    BitModel neither[kScreenPatterns][2][kScreenStates];
    BitModel shape[4][1 << kShapeNeighbours];
    BitModel agreeing[4][1 << kScreenPatterns];
  } models_;
  int32_t weights_[kScreenRanks][kScreenPatterns][kScreenInputs];
  int32_t spell_weights_[6][16][kSpellContexts];
};

}  // namespace veneer
