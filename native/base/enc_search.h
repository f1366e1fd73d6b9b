// Encoder only: chooses the partition, prediction, transform and levels of a superblock.
#pragma once
#include <cstdint>
#include <memory>
#include <vector>

#include "enc_bit_io.h"
#include "enc_cost.h"
#include "enc_fast_quantize.h"
#include "enc_kernels.h"
#include "enc_pruning.h"
#include "enc_rdoq.h"
#include "tile.h"
#include "tree.h"

namespace veneer {

// Which directions are tried beside DC, planar, Paeth and chroma from luma. kCoarse: every second one, then those beside
// the best two.
enum class Directions : uint8_t { kNone, kCoarse, kAll };

// Transforms beside cosines in both directions. kOne: the likeliest of each mode; kAll: the others for the best mode.
enum class Alternatives : uint8_t { kNone, kOne, kAll };

// The first alternative to try: the trained transform, or sines where the distance from the predicting samples grows.
inline int plain_alternative(const Leaf& leaf, int mode) {
  if (has_trained(leaf)) return 1;
  return mode == kPureVertical ? 2 : mode == kPureHorizontal ? 3 : 1;
}

// Coefficients of a residual of luma with stride w, as of EncoderKernels::forward.
void forward_transform(const EncoderKernels& kernels, const Leaf& leaf, int mode, int alternative,
                       const int16_t* residual, int32_t* coef);

// How thorough the search is; see efforts() for the nine levels.
struct SearchSettings {
  int full_modes = 5;  // predictions per leaf that go through quantization
  int chroma_modes = 3;
  Directions directions = Directions::kAll;
  bool rectangles = true;
  Alternatives alternatives = Alternatives::kAll;
  bool chroma_from_luma = true;
  bool derived_chroma = true;
  int min_log2 = 2;  // smallest block
  int max_log2 = 6;
  int empty_stop = 0;       // nodes of an empty leaf of up to this log2 size are not divided
  int mode_margin = 512;    // candidates whose estimate exceeds this share (1/256) of the best one are left out
  int satd_weight = 3;      // bits per level of half the sum of absolute Hadamard coefficients
  int quad_floor = 0;       // rectangles only where quad costs at least this share (1/256) of the leaf
  int quad_margin = 0;      // rectangles only where quad costs less than this share (1/256) of the leaf; 0: always
  int step_offset = 0;      // of the independent quantizer that stands for the file's one, sixteenths of an octave
  int trellis_search = 1;   // dependent quantization of 1 a leaf's chosen prediction, 2 every one tried
  bool estimate = false;    // fast_luma_leaf()
  int estimate_margin = 0;  // share (1/256) of the best estimate within which others are quantized as well
  Pruning pruning;
  RdoSettings rdo;
};

SearchSettings search_settings(int effort);

// Coding tools that an encoder can do without, to measure what they are worth (benchmarks/ablation.py).
enum DisabledTools : int {
  kNoRectangles = 1,
  kNoBlocks4 = 2,
  kNoBlocks64 = 4,
  kNoBlocks32 = 8,  // nor 64
  kNoChromaFromLuma = 16,
  kNoSine = 32,  // nor the trained transform
  kNoDirections = 64,
  kNoDependent = 128,
  kNoScreen = 256,
  kNoDerived = 512,  // chroma by derived slopes
  kOneAlternative = 1024,
};
void disable_tools(int tools, SearchSettings* settings);

// What was chosen for a superblock, in coding order.
struct Plan {
  std::vector<Split> splits;
  std::vector<Leaf> leaves;
  std::vector<int16_t> levels;  // of each leaf and plane, count[] of them in scan order

  void clear() {
    splits.clear();
    leaves.clear();
    levels.clear();
  }
  void append(const Plan& other) {
    splits.insert(splits.end(), other.splits.begin(), other.splits.end());
    leaves.insert(leaves.end(), other.leaves.begin(), other.leaves.end());
    levels.insert(levels.end(), other.levels.begin(), other.levels.end());
  }
};

class SuperblockSearch {
 public:
  // source: planes of the tile's original samples, strides as the tile's. group_offset: step offset of each group in
  // raster order, empty if there are none. Of fine tiles (sample_range.h) source and tile are coarser ones while run()
  // works; refine() reads `set_fine_source`.
  SuperblockSearch(Tile& tile, const Tile& source, const SearchSettings& settings,
                   const std::vector<int8_t>& group_offset, int groups_per_row);
  ~SuperblockSearch();

  // Chooses; tile.samples hold the reconstruction afterwards, everything else is as before.
  void run(int x, int y, Plan* plan);

  int group_offset(int x, int y, int size) const;

  // Quantizes a chosen leaf again for the file, with the models as they are now and from the final samples around it,
  // and reconstructs it.
  void refine(Leaf& leaf, QuantizedBlock* blocks);
  // Reconstructs a chosen leaf of a fine tile with the levels [plane] that the search found.
  void reconstruct_fine(const Leaf& leaf, const int16_t* const* levels);
  void set_fine_source(const Tile* source) { fine_source_ = source; }

 private:
  struct Snapshot;
  struct Level;

  int64_t node(Tree tree, int x, int y, int log2_size, int64_t budget, Plan* plan);
  bool skips_leaf(Tree tree, int x, int y, int log2_size) const;
  int64_t leaf(Tree tree, int x, int y, int log2_w, int log2_h, Plan* plan);
  int64_t luma_leaf(Leaf& leaf, Plan* plan);
  int64_t fast_luma_leaf(Leaf& leaf, Plan* plan);
  int64_t chroma_leaf(Leaf& leaf, Plan* plan);
  void quantize(const Leaf& leaf, int plane_of_tree, const Expectation& expected, const int32_t* coef, bool final,
                QuantizedBlock* out) const;
  void dequantize_block(const Leaf& leaf, int plane_of_tree, const QuantizedBlock& block, int16_t* coef) const {
    dequantize_levels(leaf, plane_of_tree, block.level, block.count, coef);
  }
  void dequantize_levels(const Leaf& leaf, int plane_of_tree, const int16_t* level, int count, int16_t* coef) const;
  void mode_costs(const Leaf& leaf, int* cost) const;  // [kModes]
  int cfl_flag_cost(const Leaf& leaf, int cfl) const;
  int alternative_cost(const Leaf& leaf, int mode, int alternative) const;
  int alpha_cost(const int8_t* alpha) const;
  int best_alpha(const Leaf& leaf, int plane_of_tree) const;
  int64_t uncoded_energy_cost(const int16_t* residual, const int32_t* coef, int step_index) const;
  int64_t satd_cost(int64_t satd, int step_index) const;
  int split_cost(int tree, int context, int log2_size, Split split) const;
  void save(Tree tree, int x, int y, int size, Snapshot* to) const;
  void restore(Tree tree, int x, int y, int size, const Snapshot& from);
  void save_edges(Tree tree, int x, int y, int size, Snapshot* to) const;
  void restore_edges(Tree tree, int x, int y, int size, const Snapshot& from);
  void reconstruct_trial(const Leaf& leaf, const Rim& rim, const QuantizedBlock& block);
  void commit(const Leaf& leaf, const QuantizedBlock* const* blocks, Plan* plan);

  const EncoderKernels& kernels_ = encoder_kernels();  // looked up once: it takes as long as a small kernel
  Tile& tile_;
  const Tile& source_;
  const Tile* fine_source_ = nullptr;
  SearchSettings settings_;
  const std::vector<int8_t>& group_offset_;
  int groups_per_row_;
  Costs costs_;
  FastQuantizer fast_;
  std::unique_ptr<Level[]> levels_;
  struct {
    alignas(64) int16_t coef[kMaxFrequencies * kMaxFrequencies];
  } scratch_ = {};
};

}  // namespace veneer
