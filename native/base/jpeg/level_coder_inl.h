// Levels of a tile of a JPEG file: the syntax, and the contexts of every decision.
//
// The same functions read and write: Io is a LevelReader or a LevelWriter (level_reading_inl.h, enc_level_writing_inl.h).
// VENEER_TARGET names the namespace. Nothing here is a symbol that another source may define (common/inline.h).
// Source: docs/format.md, "Levels".
#pragma once
#include <cstddef>
#include <cstdint>

#include "base/jpeg/level_blocks_inl.h"
#include "common/bits.h"

namespace veneer::jpeg::VENEER_TARGET {
namespace {

constexpr int32_t kRate = 6 << 10;  // of learning weights
constexpr int kInnerCount = 49;     // levels that are neither in the first row nor in the first column

// Position of each inner level in the order of coding: zigzag.
constexpr uint8_t kInnerOrder[kInnerCount] = {9,  17, 10, 11, 18, 25, 33, 26, 19, 12, 13, 20, 27, 34, 41, 49, 42,
                                              35, 28, 21, 14, 15, 22, 29, 36, 43, 50, 57, 58, 51, 44, 37, 30, 23,
                                              31, 38, 45, 52, 59, 60, 53, 46, 39, 47, 54, 61, 62, 55, 63};

struct Octaves {
  uint8_t of[1024];
};
constexpr Octaves make_octaves() {
  Octaves octaves{};
  for (int x = 0; x < 1024; ++x) {
    int log2 = 2;
    while (x >> (log2 + 1)) ++log2;
    octaves.of[x] = static_cast<uint8_t>(x < 4 ? x : 4 * (log2 - 1) + ((x >> (log2 - 2)) & 3));
  }
  return octaves;
}
constexpr Octaves kOctaves = make_octaves();

// 0, 1, 2, 3 for these; from 4 on, four classes an octave: 4 * (floor(log2 x) - 1) and the two bits below the highest.
VENEER_INLINE int octaves4(uint32_t x) {
  if (x < 1024) return kOctaves.of[x];
  if (x < 1u << 18) return kOctaves.of[x >> 8] + 32;
  return x < 1u << 26 ? kOctaves.of[x >> 16] + 64 : kOctaves.of[x >> 22] + 88;
}

// By position: 0..2 on the edges, 3..7 inside.
struct Bands {
  uint8_t of[kBlockSize];
};
constexpr Bands make_bands() {
  Bands bands{};
  for (int z = 1; z < kBlockSize; ++z) {
    const int u = z & 7, v = z >> 3, sum = u + v;
    const int on_edge = sum <= 1   ? 0
                        : sum <= 3 ? 1
                                   : 2,
              inside = sum <= 2   ? 3
                       : sum <= 4 ? 4
                       : sum <= 6 ? 5
                       : sum <= 9 ? 6
                                  : 7;
    bands.of[z] = static_cast<uint8_t>(u == 0 || v == 0 ? on_edge : inside);
  }
  return bands;
}
constexpr Bands kBands = make_bands();

template <class Io, bool kMixes>
class LevelCoder {
 public:
  LevelCoder(Io& io, const LevelState& state) : io_(io), m_(state) {}

  // False if the data are not those of an encoder.
  bool code_block(BlockScene& scene) {
    s_ = &scene;
    valid_ = true;
    chroma_ = scene.cls > 0;
    const int inner = code_inner_count();
    code_inner(inner);
    for (int e = 0; e < 2; ++e) code_edge(e, inner);
    code_dc();
    return valid_;
  }

 private:
  template <int kKind>
  VENEER_INLINE void choose(int table, int context) {
    d_.at[table] = m_.models + kLayout.first[kKind][table] + context * kNodes[kKind];
    prefetch(d_.at[table]);
  }

  // A decision by the chosen models: group (without the class of component), place, and shape choose weights.
  template <int kKind>
  VENEER_INLINE int decide(int node, int group, int shape, int place, int value) {
    if constexpr (!kMixes) {
      // Levels and signs by one model, other decisions by the mean of two.
      const BitModel first = d_.at[0][node];
      BitModel learnt = first;
      if constexpr (kKind == kLevel || kKind == kSign) {
        value = io_.bit_at(first.p1(), value);
      } else {
        BitModel& second = d_.at[1][node];
        second.state = state_or(second.state, inherited(first.state));
        value = io_.bit_at(mean_p1(first, second), value);
        second.update(value);
      }
      learnt.update(value);
      d_.at[0][node] = learnt;
      return value;
    } else {
      constexpr int kCount = kTables[kKind];
      const int g = group * 2 + chroma_;
      GroupWeights& by_group = m_.by_group[g];
      Weights& by_shape = m_.by_shape[g * kShapes + shape];
      PlaceWeights& by_place = m_.by_place[g * kShapes + place];
      const int32_t logit = bounded(mix<kCount>(node, by_group, by_shape, by_place, &d_), -kMostLogit, kMostLogit);
      const int32_t mixed = kTables16.logistic[logit + kMostLogit];
      const int part = (logit + 2048) >> 7, fraction = (logit + 2048) & 127;
      uint16_t* const correction = by_place.correction + part;
      const int32_t corrected = (correction[0] * (128 - fraction) + correction[1] * fraction) >> 7;
      const int32_t p1 = bounded((mixed + corrected) >> 1, 32, 65536 - 32);
      value = io_.bit_at(static_cast<uint32_t>(p1), value);
      const int32_t step = weight_step<kLogits>((value << 16) - mixed, kRate, &by_group);
      learn<kCount>(node, step, value, d_, &by_group, &by_shape, &by_place);
      uint16_t& p = correction[fraction >= 64];
      p = static_cast<uint16_t>(p + (((value ? 65535 : 0) - p) >> 6));
      return value;
    }
  }

  // The same, not inlined where it is not so frequent.
  template <int kKind>
  int decide_apart(int node, int group, int shape, int place, int value) {
    return decide<kKind>(node, group, shape, place, value);
  }

  // Asks for the weights of the first decision of a group.
  VENEER_INLINE void prefetch_weights(int group, int shape, int place) {
    if constexpr (kMixes) {
      const int g = (group * 2 + chroma_) * kShapes;
      prefetch(&m_.by_shape[g + shape]);
      prefetch(&m_.by_place[g + place]);
    }
  }

  int plain(BitModel& model, int value) {
    value = io_.bit_at(model.p1(), value);
    model.update(value);
    return value;
  }

  // A number of `bits` bits, most significant first, by the chosen models.
  template <int kKind>
  int code_tree(int bits, int group, int shape, int value) {
    int node = 1;
    for (int bit = bits - 1; bit >= 0; --bit) {
      node = 2 * node + decide<kKind>(node, group + bits - 1 - bit, shape, node, (value >> bit) & 1);
    }
    return node - (1 << bits);
  }

  static int count_class(int count) {
    return least(count < 3 ? count : octaves4(static_cast<uint32_t>(count)) / 2 + 1, 11);
  }

  int code_inner_count() {
    const BlockScene& s = *s_;
    int value = 0;
    if constexpr (!Io::kReads) {
      for (const uint8_t z : kInnerOrder) value += s.given[z] != 0;
    }
    const int l = inner_or(*s.left, inner_or(*s.above, 0)), a = inner_or(*s.above, l), al = inner_or(*s.above_left, l),
              ar = inner_or(*s.above_right, a);
    neighbours_ = (l + a + 1) / 2;
    const int c = s.cls;
    choose<kInner>(0, c * 50 + (2 * l + 2 * a + al + ar) / 6);
    choose<kInner>(1, c * 144 + count_class(l) * 12 + count_class(a));
    if constexpr (kMixes) {
      choose<kInner>(2, c * 144 + count_class(a) * 12 + count_class(ar));
      const int other = c == 0 ? inner_or(*s.left2, l) : s.luma_inner;
      choose<kInner>(3, (c * 50 + other) * 12 + count_class(neighbours_));
      const int third = c == 2 ? s.cb_inner : inner_or(*s.above2, a);
      choose<kInner>(4, c * 144 + count_class(third) * 12 + count_class(neighbours_));
      choose<kInner>(5, (c * 8 + step_class(9)) * 50 + neighbours_);
    }
    const int inner = code_tree<kInner>(6, kInnerGroup, count_class(neighbours_), value);
    if (inner > kInnerCount) {
      valid_ = false;
      return 0;
    }
    s_->own->inner = static_cast<uint8_t>(inner);
    return inner;
  }

  void code_inner(int inner) {
    int before = 0, before2 = 0;
    for (int i = 0; i < kInnerCount && inner > 0; ++i) {
      const int z = kInnerOrder[i];
      const int level = code_level(z, false, inner, kInnerCount - i, before, before2);
      s_->put(z, level);
      before2 = before;
      before = level;
      inner -= level != 0;
    }
  }

  // The seven levels of the first row (e = 0) or of the first column (1) without DC.
  void code_edge(int e, int inner) {
    BlockScene& s = *s_;
    const int step = e ? 8 : 1;
    int value = 0;
    if constexpr (!Io::kReads) {
      for (int i = 1; i < 8; ++i) value += s.given[i * step] != 0;
    }
    // Inner levels: how far they reach in this direction, and how many lie next to the edge.
    const int used = e ? s.rows_used : s.columns_used;
    int furthest = 7, next = 0;
    while (furthest > 0 && !(used >> furthest & 1)) --furthest;
    for (int i = 1; i < 8; ++i) next += s.level[e ? i * 8 + 1 : 8 + i] != 0;
    const int l = s.left->edge[e], a = s.above->edge[e], first = e ? s.own->edge[0] : 0;
    const int c = s.cls * 2 + e, n = count_class(inner);
    choose<kEdge>(0, (c * 12 + n) * 8 + furthest);
    choose<kEdge>(1, (c * 64 + l * 8 + a) * 12 + n);
    if constexpr (kMixes) {
      choose<kEdge>(2, c * 512 + furthest * 64 + next * 8 + a);
      choose<kEdge>(3, c * 512 + furthest * 64 + next * 8 + l);
      choose<kEdge>(4, (c * 64 + step_class(9) * 8 + next) * 8 + first);
      choose<kEdge>(5, c * 64 + first * 8 + furthest);
    }
    int count = code_tree<kEdge>(3, kEdgeGroup + 3 * e, n, value);
    s.own->edge[e] = static_cast<uint8_t>(count);
    int before = 0, before2 = 0;
    for (int i = 1; i < 8 && count > 0; ++i) {
      const int z = i * step;
      const int level = code_level(z, true, count, 8 - i, before, before2);
      s.put(z, level);
      before2 = before;
      before = level;
      count -= level != 0;
    }
  }

  int step_class(int z) const { return bounded(octaves4(s_->steps.of[z]) / 2 - 2, 0, 7); }

  // Magnitudes of the known levels of the block near z, weighted.
  VENEER_INLINE int size_near(int z) const {
    const uint8_t* const places = kPlaces.near[z];
    int sizes[7];
    for (int i = 0; i < 7; ++i) sizes[i] = size_of(s_->level[places[i]]);
    return 4 * (sizes[0] + sizes[1]) + 2 * (sizes[2] + sizes[3] + sizes[4] + sizes[5] + sizes[6]);
  }

  void choose_level(int z, bool edge, int left, int togo, int before, int before2) {
    const BlockScene& s = *s_;
    const int c = s.cls, b = kBands.of[z], rest = left < 8 ? left : left < 14 ? 8 : 9;
    const int em = octaves4(static_cast<uint32_t>(s.expected));
    choose<kLevel>(0, (c * 64 + z) * 16 + least(em / 2, 15));
    shape_ = least(em / 3, 15) * 4 + least(3, b / 2);
    prefetch_weights(kLevelGroup + edge * 8, shape_, z);
    prefetch_weights(kLevelGroup + edge * 8 + 1, shape_, z);
    if constexpr (kMixes) {
      const int l = size_of(s.left_levels[z]), a = size_of(s.above_levels[z]), al = size_of(s.above_left_levels[z]),
                ar = size_of(s.above_right_levels[z]);
      const int around = least(octaves4(static_cast<uint32_t>(size_near(z))) / 2, 11);
      const int beside = least(octaves4(static_cast<uint32_t>(13 * (l + a) + 6 * (al + ar)) >> 1) / 2, 11);
      const int other = c == 0 ? least(size_of(s.left2_levels[z]), 3) * 3 + least(size_of(s.above2_levels[z]), 2)
                               : least(octaves4(static_cast<uint32_t>(s.steps.quotient(s.luma[z] * 16, z))) / 4, 11);
      const int predicted = least(octaves4(static_cast<uint32_t>(size_of(s.predicted))) / 3, 11);
      choose<kLevel>(1, ((c * 24 + least(em / 2, 23)) * 12 + predicted) * 2 + edge);
      choose<kLevel>(2, (c * 64 + z) * 10 + rest);
      choose<kLevel>(3, ((c * 12 + least(togo / 4, 11)) * 8 + least(around * 2 / 3, 7)) * 10 + rest);
      choose<kLevel>(4, ((c * 12 + beside) * 12 + around) * 4 + b / 2);
      choose<kLevel>(5, (c * 12 + other) * 64 + z);
      choose<kLevel>(6, ((c * 9 + least(size_of(before), 2) * 3 + least(size_of(before2), 2)) * 5 + rest / 2) * 8 + b);
    }
  }

  // `left` levels other than 0 are among the next `togo`.
  int code_level(int z, bool edge, int left, int togo, int before, int before2) {
    BlockScene& s = *s_;
    const int value = Io::kReads ? 0 : s.given[z], size = size_of(value);
    const Features features = s.features_of(z);
    s.expect_magnitude(features, z);
    if constexpr (kMixes) s.expect_level(features, z);
    choose_level(z, edge, left, togo, before, before2);
    const int group = kLevelGroup + edge * 8;
    const auto node = [&](int n, bool one) { return decide<kLevel>(n, group + n, shape_, z, one); };
    if (left < togo && !node(0, size > 0)) return 0;
    int magnitude = 1;
    while (magnitude < 5 && node(magnitude, size > magnitude)) ++magnitude;
    if (magnitude == 5) {
      const int rest = size - 4;  // 1 and more
      int exponent = 0;
      while (exponent < 15) {
        const int more = !Io::kReads && rest >> (exponent + 1) != 0;
        if (!(exponent < 3 ? node(5 + exponent, more) : plain(m_.loose->exponents[s.cls][edge][exponent], more))) break;
        ++exponent;
      }
      magnitude = 4 + code_mantissa(exponent, m_.loose->mantissas[s.cls][edge][exponent], rest);
    }
    if constexpr (!kMixes) s.expect_level(features, z);
    const bool negative = code_sign(z, edge, magnitude, value < 0);
    const int level = negative ? -magnitude : magnitude;
    if (level > 32767 || level < -32768) valid_ = false;
    return valid_ ? level : 0;
  }

  // 2^exponent and more: the two bits below the highest have models.
  int code_mantissa(int exponent, BitModel (&models)[4], int value) {
    int result = 1;
    for (int i = exponent - 1; i >= 0; --i) {
      const int bit = (value >> i) & 1, depth = exponent - 1 - i;
      const int coded = depth < 2 ? plain(models[depth == 0 ? 0 : 1 + (result & 1)], bit) : io_.bit_at(32768, bit);
      result = 2 * result + coded;
    }
    return result;
  }

  bool code_sign(int z, bool edge, int magnitude, bool value) {
    const BlockScene& s = *s_;
    const bool flip = s.predicted < 0;
    const int c = s.cls, u = z & 7, v = z >> 3, parity = (u & 1) | (v & 1) << 1;
    const int fine = least(octaves4(static_cast<uint32_t>(size_of(s.predicted))), 39);
    const int em = octaves4(static_cast<uint32_t>(s.expected));
    const int node = least(magnitude, 4) - 1;
    choose<kSign>(0, ((c * 20 + fine / 2) * 8 + least(em / 4, 7)) * 2 + edge);
    if constexpr (kMixes) {
      // The sign of the prediction is no better known than a coin: nothing here branches by it.
      const int turned = -static_cast<int>(flip);
      const auto relative = [&](int x) {
        const int y = (x ^ turned) - turned;
        return (-y >> 31 & 2) | (y >> 31 & 1);
      };
      choose<kSign>(1, (c * 64 + z) * 9 + relative(s.left_levels[z]) * 3 + relative(s.above_levels[z]));
      const auto strength = [&](int x) {  // 0..15
        const int size = least(octaves4(static_cast<uint32_t>(size_of(x))) / 3, 7);
        return (size ^ (x >> 31) ^ turned) + 8;
      };
      const uint8_t* const places = kPlaces.signs[z];
      const int row2 = relative(s.level[places[0]]), column2 = relative(s.level[places[1]]),
                row = relative(s.level[places[2]]), column = relative(s.level[places[3]]);
      choose<kSign>(2, (c * 2 + edge) * 256 + strength(s.steps.levels16(s.sums.row, z)) * 16 +
                           strength(s.steps.levels16(s.sums.column, z)));
      choose<kSign>(3, (c * 81 + row2 * 27 + column2 * 9 + row * 3 + column) * 8 + kBands.of[z]);
      choose<kSign>(4, ((c * 64 + z) * 9 + relative(s.cb[z]) * 3 + relative(s.above_left_levels[z])) * 4 +
                           least(s.steps.quotient(size_of(s.cb[z]), z), 3));
      choose<kSign>(5, (c * 32 + least(fine * least(magnitude, 64) / 2, 31)) * 32 + least(em, 31));
      choose<kSign>(6, (c * 40 + fine) * 4 + parity);
    }
    const int other =
        decide<kSign>(node, kSignGroup + edge * 4 + node, least(fine / 3, 15) * 4 + parity, z, value != flip);
    return (other != 0) != flip;
  }

  void code_dc() {
    BlockScene& s = *s_;
    transform(s.own->rows, s.rows_used, s.pixels);
    const DcPrediction p = s.predict_dc();
    const int step = s.steps.of[0];
    const int in_16ths = p.value * 16 / step;
    const int predicted = (in_16ths + (in_16ths >= 0 ? 8 : -8)) / 16, fraction = in_16ths - predicted * 16;  // -8..8
    const auto scaled = [&](int x, int by) {
      return octaves4(static_cast<uint32_t>(x) * static_cast<uint32_t>(by) / static_cast<uint32_t>(step));
    };
    const int spread = least(scaled(p.spread, 4), 31), apart = least(scaled(size_of(p.apart), 8), 23);
    const int c = s.cls;
    const int busy = least(octaves4(s.own->inner + s.own->edge[0] + s.own->edge[1]), 19);
    const int errors =
        least(octaves4(static_cast<uint32_t>(size_of(s.left->dc_error) + size_of(s.above->dc_error))), 15);
    choose<kDc>(0, c * 32 + spread);
    choose<kDc>(1, (c * 32 + spread) * 24 + apart);
    if constexpr (kMixes) {
      choose<kDc>(2, (c * 16 + errors) * 20 + busy);
      choose<kDc>(3, (c * 10 + least(octaves4(static_cast<uint32_t>(step)) / 2, 9)) * 32 + spread);
      choose<kDc>(4, (c * 17 + fraction + 8) * 16 + spread / 2);
      choose<kDc>(5, (c * 15 + bounded(s.cb_dc_error, -7, 7) + 7) * 16 + spread / 2);
      choose<kDc>(6, (c * 16 + errors) * 16 + spread / 2);
    }
    const auto node = [&](int n, bool one) { return decide_apart<kDc>(n, kDcGroup + n, spread, n, one); };
    const int value = Io::kReads ? 0 : s.given[0] - predicted, size = size_of(value);
    int error = 0;
    if (node(0, value != 0)) {
      const bool below = fraction < 0;
      const bool negative = (node(1, (value < 0) != below) != 0) != below;
      int exponent = 0;
      while (exponent < 17 && node(2 + least(exponent, 13), size >> (exponent + 1) != 0)) ++exponent;
      int result = 1;
      for (int i = exponent - 1; i >= 0; --i) {
        const int bit = (size >> i) & 1, depth = exponent - 1 - i;
        const int coded = depth == 0 && exponent < 8   ? node(16 + exponent, bit)
                          : depth == 1 && exponent < 5 ? node(24 + least(exponent, 3) * 2 + (result & 1), bit)
                                                       : io_.bit_at(32768, bit);
        result = 2 * result + coded;
      }
      error = negative ? -result : result;
    }
    const int level = predicted + error;
    if (level > 32767 || level < -32768) valid_ = false;
    s.put(0, valid_ ? level : 0);
    s.own->dc_error = static_cast<int16_t>(bounded(error, -1000, 1000));
  }

  static constexpr int kLevelGroup = 0, kSignGroup = kLevelGroup + kLevelGroups, kInnerGroup = kSignGroup + kSignGroups,
                       kEdgeGroup = kInnerGroup + kInnerGroups, kDcGroup = kEdgeGroup + kEdgeGroups;

  Io& io_;
  const LevelState m_;
  BlockScene* s_ = nullptr;
  Decision d_;
  bool valid_ = true;
  int chroma_ = 0;
  int neighbours_ = 0;  // inner levels of the blocks beside, in the mean
  int shape_ = 0;
};

}  // namespace
}  // namespace veneer::jpeg::VENEER_TARGET
