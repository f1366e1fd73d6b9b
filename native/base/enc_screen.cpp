#include "enc_screen.h"

#include <algorithm>
#include <cstdlib>
#include <cstring>
#include <vector>

#include "common/bits.h"
#include "enc_screen_colours.h"
#include "quantization.h"
#include "screen.h"
#include "tree.h"

namespace veneer {
namespace {

constexpr int kSegment = kSuperblock;      // pixels of a row that are looked at together
constexpr int kPixelsPerColour = 5;        // at least, in a segment that looks drawn
constexpr int kSmallChange = 4;            // of a sample
constexpr int kPixelsPerSmallChange = 8;   // at least, in such a segment
constexpr int64_t kLeastPixels = 64;       // of a picture
constexpr int64_t kCheapCost = 24 * kBit;  // no transform codes a superblock for less

enum class Segment { kShaded, kFlat, kDrawn };

bool is_small_change(uint32_t a, uint32_t b) {
  return std::abs(colour_red(a) - colour_red(b)) <= kSmallChange &&
         std::abs(colour_green(a) - colour_green(b)) <= kSmallChange &&
         std::abs(colour_blue(a) - colour_blue(b)) <= kSmallChange;
}

// `n` colours in a row look drawn if most equal the one before or there are few of them, and hardly any differ from the
// one before by a little, as in smooth shades.
Segment segment_kind(const uint32_t* colours, int n) {
  int equal = 0, small = 0;
  uint64_t seen = 0;
  for (int i = 1; i < n; ++i) {
    if (colours[i] == colours[i - 1]) {
      ++equal;
      continue;
    }
    small += is_small_change(colours[i], colours[i - 1]);
    seen |= uint64_t{1} << (colours[i] * 0x9e3779b1u >> 26);
  }
  if (equal == n - 1) return Segment::kFlat;
  if (small * kPixelsPerSmallChange > n) return Segment::kShaded;
  const bool few = count_ones(seen) * kPixelsPerColour <= n;
  return few || 2 * equal >= n - 1 ? Segment::kDrawn : Segment::kShaded;
}

// Words and what they were, to undo a trial.
class Journal {
 public:
  template <class T>
  void set(T* word, T value) {
    static_assert(sizeof(T) == sizeof(uint32_t));
    Change change{word, 0};
    std::memcpy(&change.before, word, sizeof change.before);
    changes_.push_back(change);
    *word = value;
  }
  void undo() {
    for (; !changes_.empty(); changes_.pop_back()) {
      std::memcpy(changes_.back().word, &changes_.back().before, sizeof(uint32_t));
    }
  }
  void keep() { changes_.clear(); }

 private:
  struct Change {
    void* word;
    uint32_t before;
  };
  std::vector<Change> changes_;
};

}  // namespace

bool looks_like_screen(const uint8_t* pixels, ptrdiff_t row_bytes, int channels, int w, int h) {
  if (static_cast<int64_t>(w) * h < kLeastPixels) return false;
  int kinds[3] = {};
  uint32_t colours[kSegment];
  for (int y = 0; y < h; y += 4) {
    for (int x = 0; x < w; x += kSegment) {
      const int n = std::min(kSegment, w - x);
      const uint8_t* in = pixels + y * row_bytes + static_cast<ptrdiff_t>(x) * channels;
      for (int i = 0; i < n; ++i, in += channels) {
        colours[i] = static_cast<uint32_t>(channels >= 3 ? in[0] << 16 | in[1] << 8 | in[2] : in[0] << 8);
      }
      ++kinds[static_cast<int>(segment_kind(colours, n))];
    }
  }
  const int shaded = kinds[0], flat = kinds[1], drawn = kinds[2], all = shaded + flat + drawn;
  // Photographs have hardly a row of one colour, because of the camera's noise.
  return 4 * drawn >= all || (32 * drawn >= all && 32 * flat >= all);
}

// The ways to code a superblock: by transforms alone, as screen content alone, or a part of it as screen content.
class ScreenEncoder::Trials {
 public:
  Trials(Tile& tile, const Tile& source, SuperblockSearch& search, BitWriter& io, const ScreenSettings& settings)
      : tile_(tile),
        source_(source),
        search_(search),
        io_(io),
        settings_(settings),
        screen_(tile),
        colours_(source, screen_.pixels()),
        saved_models_(std::make_unique<Models>()) {}

  void superblock(int x, int y) {
    x_ = x;
    y_ = y;
    save();
    const uint64_t all = screen_.cells_inside(x, y);
    if (!is_promising()) {
      run(0);
      return accept();
    }
    set_weights();
    run(all);
    uint64_t best = all;
    int64_t least = total_;
    if (total_ > kCheapCost) {
      const CellCosts as_screen = costs_;
      restore();
      run(0);
      keep_better(0, &best, &least);
      uint64_t mixed = 0;
      for (int i = 0; i < kScreenCells * kScreenCells; ++i) mixed |= uint64_t{as_screen.cost[i] < costs_.cost[i]} << i;
      mixed &= all;
      if (mixed != 0 && mixed != all) {
        restore();
        run(mixed);
        keep_better(mixed, &best, &least);
      }
      if (tile_.screen.cells() != best) {
        restore();
        run(best);
      }
    }
    accept();
  }

 private:
  struct CellCosts {
    int64_t cost[kScreenCells * kScreenCells] = {};  // 1/256 bits
  };

  // What PlanWriter codes, its cost added to that of the cells.
  class CountingWriter {
   public:
    CountingWriter(Trials& trials) : trials_(trials), writer_(trials.record_, trials.tile_, trials.search_) {}
    void start(const Plan& plan) { writer_.start(plan); }
    Split next_split() { return writer_.next_split(); }
    int step_offset(int x, int y, int size) { return writer_.step_offset(x, y, size); }
    void screen(const Leaf&) {}
    void leaf(Leaf& leaf) {
      const int64_t before = trials_.record_.cost();
      writer_.leaf(leaf);
      trials_.spread(leaf, trials_.record_.cost() - before);
    }

   private:
    Trials& trials_;
    PlanWriter<BitRecorder> writer_;
  };

  // The choices of colours, their cost added to that of the cells.
  class CountingColours {
   public:
    explicit CountingColours(Trials& trials) : trials_(trials), last_(trials.record_.cost()) {}
    ~CountingColours() { count(); }
    bool flat(int x, int y, int n, uint32_t colour) {
      move_to(x, y);
      return trials_.colours_.flat(x, y, n, colour);
    }
    uint32_t colour(const ScreenView& view, int x, int y) {
      move_to(x, y);
      return trials_.colours_.colour(view, x, y);
    }

   private:
    void move_to(int x, int y) {
      count();
      cell_ = (y - trials_.y_) / kScreenCell * kScreenCells + (x - trials_.x_) / kScreenCell;
    }
    void count() {
      trials_.costs_.cost[cell_] += trials_.record_.cost() - last_;
      last_ = trials_.record_.cost();
    }
    Trials& trials_;
    int64_t last_;
    int cell_ = 0;
  };

  bool is_promising() const {
    const int right = std::min(x_ + kSuperblock, tile_.width), bottom = std::min(y_ + kSuperblock, tile_.height);
    int drawn = 0, rows = 0;
    uint32_t colours[kSegment];
    for (int y = y_; y < bottom; y += 2, ++rows) {
      for (int x = x_; x < right; ++x) colours[x - x_] = colour_of_samples(source_, x, y);
      drawn += segment_kind(colours, right - x_) != Segment::kShaded;
    }
    return 8 * drawn >= rows;
  }

  // Codes the superblock into record_, with those cells as screen content.
  void run(uint64_t cells) {
    record_.clear();
    costs_ = {};
    {
      CountingColours choices(*this);
      screen_.superblock(record_, x_, y_, cells, choices);
    }
    search_.run(x_, y_, &plan_);
    CountingWriter writer(*this);
    writer.start(plan_);
    TreeWalker<BitRecorder, CountingWriter>(record_, tile_, writer).superblock(x_, y_);
    total_ = record_.cost();
    for (int i = 0; i < kScreenCells * kScreenCells; ++i) {
      const int64_t distortion = cell_distortion(i % kScreenCells, i / kScreenCells);
      costs_.cost[i] += distortion;
      total_ += distortion;
    }
  }

  void keep_better(uint64_t cells, uint64_t* best, int64_t* least) const {
    if (total_ >= *least) return;
    *best = cells;
    *least = total_;
  }

  void accept() {
    record_.write_to(io_);
    screen_.pixels().journal().keep();
    screen_.finish_superblock(x_, y_);
  }

  void spread(const Leaf& leaf, int64_t cost) {
    const int columns = std::max(1, (1 << leaf.log2_w) / kScreenCell),
              rows = std::max(1, (1 << leaf.log2_h) / kScreenCell);
    const int first = (leaf.y - y_) / kScreenCell * kScreenCells + (leaf.x - x_) / kScreenCell;
    for (int r = 0; r < rows; ++r) {
      for (int c = 0; c < columns; ++c) costs_.cost[first + r * kScreenCells + c] += cost / (rows * columns);
    }
  }

  int64_t cell_distortion(int column, int row) const {
    const int x0 = x_ + column * kScreenCell, y0 = y_ + row * kScreenCell;
    const int right = std::min(x0 + kScreenCell, tile_.width), bottom = std::min(y0 + kScreenCell, tile_.height);
    int64_t cost = 0;
    for (int p = 0; p < (tile_.colour ? 3 : 1) && right > x0; ++p) {
      int64_t sum = 0;
      for (int y = y0; y < bottom; ++y) {
        const int16_t *a = tile_.at(p, x0, y), *b = source_.at(p, x0, y);
        for (int x = 0; x < right - x0; ++x) sum += (a[x] - b[x]) * (a[x] - b[x]);
      }
      cost += sum * weights_[row * kScreenCells + column].plane[p] >> ColourWeights::kShift;
    }
    return cost;
  }

  void set_weights() {
    for (int i = 0; i < kScreenCells * kScreenCells; ++i) {
      const int x = x_ + i % kScreenCells * kScreenCell, y = y_ + i / kScreenCells * kScreenCell;
      if (x >= tile_.width || y >= tile_.height) continue;
      const int offset = 2 * search_.group_offset(x, y, kScreenCell) + settings_.step_offset;
      for (int p = 0; p < 3; ++p) {
        const int index = tile_.params.step_index + (p > 0 ? tile_.params.plane_offset[p - 1] : 0) + offset;
        weights_[i].plane[p] = ColourWeights::of_step(std::clamp(index, 0, kMaxStepIndex), settings_.distortion_weight);
      }
    }
    colours_.start(x_, y_, weights_);
  }

  // The state that a trial changes.
  void save() {
    *saved_models_ = *tile_.models;
    saved_offset_ = tile_.previous_offset;
    for (int t = 0; t < (tile_.colour ? 2 : 1); ++t) {
      const auto first = tile_.top[t].begin() + x_ / kUnit;
      saved_top_[t].assign(first, first + std::min(kSuperblockUnits, tile_.units_w - x_ / kUnit));
      std::copy_n(tile_.left[t], kSuperblockUnits, saved_left_[t]);
    }
  }
  void restore() {
    *tile_.models = *saved_models_;
    tile_.previous_offset = saved_offset_;
    for (int t = 0; t < (tile_.colour ? 2 : 1); ++t) {
      std::copy(saved_top_[t].begin(), saved_top_[t].end(), tile_.top[t].begin() + x_ / kUnit);
      std::copy_n(saved_left_[t], kSuperblockUnits, tile_.left[t]);
      tile_.mark_decoded(t, x_, y_, kSuperblock, kSuperblock, 0);
    }
    screen_.pixels().journal().undo();
  }

  Tile& tile_;
  const Tile& source_;
  SuperblockSearch& search_;
  BitWriter& io_;
  ScreenSettings settings_;
  ScreenCoder<Journal> screen_;
  ColourChoice<Journal> colours_;
  BitRecorder record_;
  Plan plan_;
  int x_ = 0, y_ = 0;
  int64_t total_ = 0;
  CellCosts costs_;
  ColourWeights weights_[kScreenCells * kScreenCells] = {};
  std::unique_ptr<Models> saved_models_;
  int saved_offset_ = 0;
  std::vector<EdgeUnit> saved_top_[2];
  EdgeUnit saved_left_[2][kSuperblockUnits];
};

ScreenEncoder::ScreenEncoder(Tile& tile, const Tile& source, SuperblockSearch& search, BitWriter& io,
                             const ScreenSettings& settings)
    : trials_(std::make_unique<Trials>(tile, source, search, io, settings)) {}

ScreenEncoder::~ScreenEncoder() = default;

void ScreenEncoder::superblock(int x, int y) { trials_->superblock(x, y); }

}  // namespace veneer
