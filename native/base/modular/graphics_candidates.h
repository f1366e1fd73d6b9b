// Whether a pixel has one of the colours that its neighbours and the past suggest, in the graphics form.
// Source: docs/format.md, "Candidates".
#pragma once
#include <cstdlib>

#include "base/modular/graphics_memory.h"
#include "base/modular/graphics_mixing.h"

namespace veneer::modular::graphics {

constexpr int kMaxCandidates = 15;

// Numbers of colours, each once.
class Candidates {
 public:
  explicit Candidates(int most) : most_(most) {}
  void add(uint32_t number) {
    if (count_ < most_ && std::find(number_, number_ + count_, number) == number_ + count_) number_[count_++] = number;
  }
  int count() const { return count_; }
  uint32_t operator[](int k) const { return number_[k]; }
  const uint32_t* data() const { return number_; }

 private:
  int most_, count_ = 0;
  uint32_t number_[kMaxCandidates];
};

// All that candidates of a pixel are judged by.
struct Scene {
  const Surroundings& around;
  const SeenColours& seen;
  const Match (&matches)[2];
  const Canvas& canvas;
  uint32_t states;  // of the pixels W, N, NW, NE, two bits each
  int error;        // of the pixel W, in the first colour
};

inline int longest(const Match (&matches)[2]) { return matches[1].length() > matches[0].length(); }

inline Candidates list_candidates(const Scene& scene, int most) {
  constexpr int kLongMatch = 16;
  Candidates list(most);
  const Match& match = scene.matches[longest(scene.matches)];
  if (match.length() >= kLongMatch) list.add(match.number(scene.canvas));
  for (int h = kHashes; h-- > 0;) {
    if (scene.seen.known(h)) list.add(scene.seen.seen(h).recent);
  }
  const uint32_t* const number = scene.around.number;
  for (Near near : {kW, kN, kNE, kNW}) list.add(number[near]);
  for (int h = kHashes; h-- > 0;) {
    if (scene.seen.known(h)) list.add(scene.seen.seen(h).before);
  }
  for (Near near : {kWW, kNN, kNEE, kNWW}) list.add(number[near]);
  return list;
}

class CandidateModels {
 public:
  CandidateModels(int64_t pixels, const Channels& channels, const Colours& colours)
      : channels_(channels),
        colours_(colours),
        bits_(table_bits(pixels, 1, 12, 18)),
        models_(size_t{kHashedModels} << bits_, kFreshModel),
        votes_(kVotes, kFreshModel),
        near_votes_(kNearVotes, kFreshModel),
        matched_(2 * kMatchStates * kRanks, kFreshModel),
        by_rank_(kRanks * kDistinct),
        by_vote_(4 * kConfidences),
        by_shape_(kMatchClasses * 64) {}

  // Whether the pixel has the colour of candidate k.
  template <class Io>
  bool is_right(Io& io, const Scene& scene, uint32_t candidate, int k, bool right) {
    BitModel* models[kModels];
    const uint64_t shape = shape_of(scene.around, candidate);
    hashed_models(scene, candidate, k, shape, models);
    int votes = 0, confidence = 0;
    for (int h = 0; h < kHashes; ++h) {
      const int vote = vote_of(scene.seen, h, candidate);
      votes = votes * 6 + vote;
      if (vote >= 1 && vote <= 3) confidence = 4 * h + vote + 1;
    }
    const auto corner = static_cast<int>(shape & 15);
    models[kHashedModels] = &votes_[static_cast<size_t>(votes)];
    models[kHashedModels + 1] = &near_votes_[static_cast<size_t>(votes % 1296 * 16 + corner)];
    const int rank = std::min(k, kRanks - 1);
    int match_class = 0;
    for (int m = 0; m < 2; ++m) {
      const Match& match = scene.matches[m];
      const bool agrees = match.length() >= 0 && match.number(scene.canvas) == candidate;
      const int state = match.length() < 0 ? 0 : 3 + 2 * match.length_class() - agrees;
      models[kHashedModels + 2 + m] = &matched_[static_cast<size_t>((m * kMatchStates + state) * kRanks + rank)];
      if (m == longest(scene.matches) && agrees) match_class = 1 + std::min(6, match.length_class() / 4);
    }
    FirstWeights& a = by_rank_[static_cast<size_t>(rank * kDistinct + scene.around.distinct)];
    Weights& b = by_vote_[static_cast<size_t>(std::min(k, 3) * kConfidences + confidence)];
    Weights& c = by_shape_[static_cast<size_t>(match_class * 64) + (shape & 63)];
    return mixed_bit(io, models, a, b, &c, kLearning, right);
  }

 private:
  static constexpr int kHashedModels = 11, kRanks = 8, kDistinct = 7, kConfidences = 4 * kHashes + 1;
  static constexpr int kVotes = 6 * 6 * 6 * 6 * 6, kNearVotes = 6 * 6 * 6 * 6 * 16;
  static constexpr int kMatchStates = 66, kMatchClasses = 8;
  static constexpr int32_t kLearning = 1 << 14;

  // Bit i says that neighbour i has this colour.
  static uint64_t shape_of(const Surroundings& around, uint32_t candidate) {
    uint64_t shape = 0;
    for (int i = 0; i < kNeighbours; ++i) shape |= static_cast<uint64_t>(around.number[i] == candidate) << i;
    return shape;
  }
  // 0: nothing seen; the candidate was the last colour 1: once, 2: 2 or 3 times, 3: more often; 4: it came before;
  // 5: it is neither.
  static int vote_of(const SeenColours& seen, int h, uint32_t candidate) {
    if (!seen.known(h)) return 0;
    const Seen& s = seen.seen(h);
    if (s.recent == candidate) return s.count >= 4 ? 3 : s.count >= 2 ? 2 : 1;
    return s.before == candidate ? 4 : 5;
  }

  void hashed_models(const Scene& scene, uint32_t candidate, int k, uint64_t shape, BitModel** models) {
    const Surroundings& around = scene.around;
    const auto low = static_cast<uint32_t>(shape), high = static_cast<uint32_t>(shape >> 32);
    const Colour colour = colours_[candidate];
    const int first = channels_.first_colour, own = value_in(colour, first);
    const auto step = [&](Near near) { return signed_level(around.value(near, first) - own); };
    const int activity = level_of(around.activity(first) / 2);
    int to_w = 0, to_n = 0, to_predicted = 0;  // at most 4 * 65535
    for (int c = 0; c < channels_.count; ++c) {
      const int v = value_in(colour, c);
      to_w += std::abs(v - around.value(kW, c));
      to_n += std::abs(v - around.value(kN, c));
      to_predicted += std::abs(v - around.predicted(c));
    }
    const uint32_t hashes[kHashedModels] = {
        mix(mix(mix(1u, low & 63), k), around.distinct),
        mix(mix(2u, low & 0xfff), candidate),
        mix(mix(3u, low & 0xffffff), candidate),
        mix(mix(4u, low), high),
        mix(mix(5u, around.hash[0]), candidate),
        mix(mix(6u, around.hash[2]), candidate),
        mix(mix(7u, around.hash[4]), candidate),
        mix(mix(mix(mix(8u, step(kW)), step(kN)), step(kNW)), step(kNE)),
        mix(mix(mix(9u, around.predicted(first) - own), activity), k),
        mix(mix(10u, level_of(to_w) * 8 + level_of(to_n)), level_of(to_predicted) * 8 + activity),
        mix(mix(mix(11u, k), scene.states), level_of(scene.error)),
    };
    for (int i = 0; i < kHashedModels; ++i) {
      models[i] = &models_[(static_cast<size_t>(i) << bits_) + (spread(hashes[i]) >> (32 - bits_))];
    }
  }

  const Channels& channels_;
  const Colours& colours_;
  int bits_;
  Vector<BitModel> models_, votes_, near_votes_, matched_;
  Vector<FirstWeights> by_rank_;
  Vector<Weights> by_vote_, by_shape_;
};

}  // namespace veneer::modular::graphics
