#include "enc_tile.h"

#include <algorithm>
#include <cstring>
#include <memory>
#include <optional>

#include "enc_colour.h"
#include "enc_plan_writer.h"
#include "enc_screen.h"
#include "enc_tile_filters.h"
#include "tile_decoder.h"
#include "tree.h"

namespace veneer {
namespace {

// Squared error of a plane, in squared quarters of a level.
int64_t plane_error(const Tile& source, const Tile& tile, int plane) {
  int64_t sum = 0;
  for (int y = 0; y < tile.height; ++y) {
    const int16_t *a = source.at(plane, 0, y), *b = tile.at(plane, 0, y);
    const int round = 1 << tile.range.extra >> 1;
    uint32_t row = 0;  // 1023^2 times 1024 is below 2^32
    for (int x = 0; x < tile.width; ++x) {
      const int difference = (a[x] - b[x] + round) >> tile.range.extra;
      row += static_cast<uint32_t>(difference * difference);
      if ((x & 1023) == 1023) sum += row, row = 0;
    }
    sum += row;
  }
  return sum;
}

// The planes' errors are taken for independent: 4 R = Y - Cg + Co, 4 G = Y + Cg, 4 B = Y - Cg - Co.
int64_t squared_error(const Tile& source, const Tile& tile) {
  if (!tile.colour) return plane_error(source, tile, 0) / 16;
  return (3 * plane_error(source, tile, 0) + 2 * plane_error(source, tile, 1) + 3 * plane_error(source, tile, 2)) / 16;
}

}  // namespace

EncoderSettings encoder_settings(int effort, int tune) {
  EncoderSettings settings;
  settings.effort = effort;
  if (tune == 1) {
    // Least SSIMULACRA2 BD-rate on the validation pictures, short of the strongest weighting (docs/decisions.md).
    settings.matrix = 10;
    settings.chroma_offset[0] = 10;
    settings.chroma_offset[1] = 5;
    settings.finer_chroma_when_coarse = true;
    settings.step_group_log2 = 5;
    settings.masking.strength = 22;
    settings.lambdas = kVisualLambdas;
  }
  return settings;
}

BaseParams choose_params(int step_index, const EncoderSettings& settings) {
  BaseParams params;
  if (settings.effort >= kDependentEffort && (settings.disabled_tools & kNoDependent) == 0)
    params.tools = kToolDependent;
  params.step_index = static_cast<uint8_t>(std::clamp(step_index, 0, kMaxStepIndex));
  // No measure asks for it, but small red things lose their colour: docs/experiments/the_eye.md.
  const int finer = !settings.finer_chroma_when_coarse || step_index < 140 ? 0 : step_index < 148 ? 1 : 2;
  constexpr int kFiner[2][3] = {{0, 2, 3}, {0, 1, 2}};
  for (int p = 0; p < 2; ++p) {
    params.plane_offset[p] = static_cast<int8_t>(settings.chroma_offset[p] - kFiner[p][finer]);
  }
  if (settings.filters) params.tools = static_cast<uint8_t>(params.tools | kToolFilters);
  params.matrix = static_cast<uint8_t>(settings.matrix);
  params.step_group_log2 = static_cast<uint8_t>(settings.masking.strength != 0 ? settings.step_group_log2 : 0);
  return params;
}

namespace {

int lambda_of(const EncoderSettings& settings, const Tile& tile) {
  if (settings.lambda_milli != 0) return settings.lambda_milli;
  return tile.dependent ? settings.lambdas.dependent : settings.lambdas.independent;
}

// Filters a decoded tile, and says how before its stream. Pixels of screen content are as they should be.
void put_filter_before(const Tile& source, const EncoderSettings& settings, Tile* tile, std::vector<uint8_t>* payload) {
  TileFilter filter;
  std::vector<uint8_t> before = {0};
  if (!(tile->params.tools & kToolScreen)) {
    before = choose_tile_filter(source, *tile, lambda_of(settings, *tile), &filter);
  }
  filter_tile(filter, tile->height, tile);
  payload->insert(payload->begin(), before.begin(), before.end());
}

}  // namespace

namespace {

// Fine tiles have two sets of samples: coarser ones while superblocks are searched, where kernels have room for sums of
// differences, and those of the file while what was chosen is coded. Of other tiles there is one, and nothing changes.
class Precision {
 public:
  Precision(const Tile& source, Tile* tile) : source_(source), tile_(tile) {
    if (!tile->range.fine()) return;
    coarse_source_.emplace(coarser_tile(source));
    for (int p = 0; p < (tile->colour ? 3 : 1); ++p) other_[p].assign(tile->samples[p].size(), 0);
  }
  const Tile& coarse_source() const { return coarse_source_ ? *coarse_source_ : source_; }

  void make_coarse() {
    if (coarse_source_) exchange(coarse_source_->range);
  }
  void make_fine() {
    if (coarse_source_) exchange(source_.range);
  }
  // A superblock is coded: the next ones are searched beside it. The tile is fine.
  void follow(int x, int y) {
    if (coarse_source_) copy_coarser(*tile_, x, y, kSuperblock, other_);
  }

 private:
  void exchange(const SampleRange& range) {
    for (int p = 0; p < 3; ++p) std::swap(tile_->samples[p], other_[p]);
    tile_->range = range;
  }

  const Tile& source_;
  Tile* tile_;
  std::optional<Tile> coarse_source_;
  Vector<int16_t> other_[3];
};

}  // namespace

std::vector<uint8_t> encode_tile(const Tile& source, const EncoderSettings& settings, int64_t* error) {
  Tile tile(source.width, source.height, source.colour, source.params);
  const int lambda = lambda_of(settings, tile);
  SearchSettings search_setup = search_settings(settings.effort);
  disable_tools(settings.disabled_tools, &search_setup);
  // An independent level stands for two half steps of the file's quantizer.
  search_setup.step_offset = tile.dependent ? 0 : kHalfStepOffset + 16;
  if (!tile.dependent) search_setup.trellis_search = 0;
  search_setup.rdo.dependent = tile.dependent;
  search_setup.rdo.matrix = tile.params.matrix;
  search_setup.rdo.distortion_weight = distortion_weight(lambda);
  const int log2_group = tile.params.step_group_log2;
  Precision precision(source, &tile);
  const Tile& coarse = precision.coarse_source();
  const std::vector<int8_t> offsets =
      log2_group != 0 ? masking_offsets(coarse, log2_group, settings.masking) : std::vector<int8_t>();
  const int groups_per_row = log2_group != 0 ? (tile.width + (1 << log2_group) - 1) >> log2_group : 0;
  SuperblockSearch search(tile, coarse, search_setup, offsets, groups_per_row);
  search.set_fine_source(&source);
  BitWriter io(reinterpret_cast<const BitModel*>(tile.models.get()), settings.counts);
  PlanWriter<BitWriter> writer(io, tile, search);
  TreeWalker<BitWriter, PlanWriter<BitWriter>> walker(io, tile, writer);
  std::unique_ptr<ScreenEncoder> screen;
  if (tile.params.tools & kToolScreen) {
    const ScreenSettings setup{search_setup.rdo.distortion_weight, search_setup.step_offset};
    screen = std::make_unique<ScreenEncoder>(tile, source, search, io, setup);
  }
  Plan plan;
  for (int y = 0; y < tile.height; y += kSuperblock) {
    tile.start_superblock_row();
    for (int x = 0; x < tile.width; x += kSuperblock) {
      if (screen) {
        screen->superblock(x, y);
        continue;
      }
      precision.make_coarse();
      search.run(x, y, &plan);
      precision.make_fine();
      writer.start(plan);
      walker.superblock(x, y);
      precision.follow(x, y);
    }
  }
  std::vector<uint8_t> payload = io.finish();
  if (tile.params.tools & kToolFilters) put_filter_before(source, settings, &tile, &payload);
  if (error) *error = squared_error(source, tile);
  return payload;
}

bool filter_coded_tile(const Tile& source, const EncoderSettings& settings, std::vector<uint8_t>* payload,
                       int64_t* error) {
  Tile tile(source.width, source.height, source.colour, source.params);
  if (!decode_tile(payload->data(), payload->size(), tile.height, &tile)) return false;
  put_filter_before(source, settings, &tile, payload);
  *error = squared_error(source, tile);
  return true;
}

void write_base_params(const BaseParams& params, uint8_t* bytes) {
  const uint8_t fields[kBaseParamsSize] = {params.step_index,
                                           static_cast<uint8_t>(params.plane_offset[0]),
                                           static_cast<uint8_t>(params.plane_offset[1]),
                                           params.matrix,
                                           params.step_group_log2,
                                           params.tools};
  std::memcpy(bytes, fields, kBaseParamsSize);
}

}  // namespace veneer
