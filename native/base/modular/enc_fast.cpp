#include "base/modular/enc_fast.h"

#include <algorithm>

#include "base/dct.h"
#include "base/enc_bit_io.h"
#include "base/modular/enc_decisions.h"
#include "base/modular/enc_fast_kernels.h"
#include "base/modular/enc_fast_training.h"
#include "base/modular/fast_plan.h"
#include "base/modular/fast_tile.h"

#define VENEER_TARGET plain
#include "base/modular/fast_lanes_plain.h"
// Made of them:
#include "base/modular/enc_fast_kernels_inl.h"

namespace veneer::modular {
namespace fast {

const EncoderKernels& encoder_kernels() {
  return *for_kernels<const EncoderKernels*>(&plain::kEncoderKernels, avx2_encoder_kernels());
}

namespace {

// From one to the next, at efforts 1, 4 and 7.
constexpr TrainingEffort kTrainings[] = {{20000, 2}, {40000, 4}, {200000, 8}};
constexpr int kEffortsOfTraining = 3;

// In tiles of up to so many pixels more training may be worse, and all up to the one of the effort are tried.
constexpr int64_t kSmallTile = 1 << 16;

// The error to be expected, from a run over the tile without bias and decisions.
void train_energies(const Planes& planes, const PaddedPlanes& padded, const EncoderKernels& kernels, Plan* plans) {
  Tile tile(planes, plans);
  const size_t of_row = static_cast<size_t>((planes.width + kProbeStep - 1) / kProbeStep) * (kMostFeatures + 1);
  Vector<int32_t> numbers[kMostPlanes];
  Vector<int32_t> row(of_row);
  const auto load = [&](int c, int y, int16_t* to) { std::copy_n(padded.row(c, y), planes.width, to); };
  const auto probe = [&](int c, int y) {
    if (padded.most(c) == 0) return true;
    const int32_t* const end = kernels.probe_row(row.data(), tile.planes(), c, y);
    numbers[c].insert(numbers[c].end(), static_cast<const int32_t*>(row.data()), end);
    return true;
  };
  tile.for_each_row(load, probe, [](int, int, const int16_t*) {});
  for (int c = 0; c < planes.count; ++c) {
    train_energy(numbers[c].data(), numbers[c].data() + numbers[c].size(), c, &plans[c]);
  }
}

Vector<uint8_t> encode_trained(const Planes& planes, const PaddedPlanes& padded, const TrainingEffort& training) {
  const EncoderKernels& kernels = encoder_kernels();
  Plan plans[kMostPlanes];
  for (int c = 0; c < planes.count; ++c) {
    if (padded.most(c) > 0) train_predictors(padded, c, training, &plans[c]);
  }
  train_energies(planes, padded, kernels, plans);

  BitWriter io;
  for (int c = 0; c < planes.count; ++c) {
    if (padded.most(c) > 0) code_plan(io, c, &plans[c]);
  }
  Tile tile(planes, plans);
  Vector<uint32_t> decisions(static_cast<size_t>(planes.width) * kMostDecisions);
  const auto load = [&](int c, int y, int16_t* to) { std::copy_n(padded.row(c, y), planes.width, to); };
  const auto write = [&](int c, int y) {
    if (padded.most(c) == 0) return true;
    write_decisions(io, decisions.data(), kernels.record_row(decisions.data(), tile.planes(), c, y));
    return true;
  };
  tile.for_each_row(load, write, [](int, int, const int16_t*) {});
  io.raw(1, 1);
  const std::vector<uint8_t> bytes = io.finish();
  return {bytes.begin(), bytes.end()};
}

}  // namespace
}  // namespace fast

Vector<uint8_t> encode_fast(const Planes& planes, int effort) {
  using namespace fast;
  const PaddedPlanes padded(planes);
  const int last = (effort - 1) / kEffortsOfTraining;
  Vector<uint8_t> best;
  for (int t = int64_t{planes.width} * planes.height <= kSmallTile ? 0 : last; t <= last; ++t) {
    Vector<uint8_t> bytes = encode_trained(planes, padded, kTrainings[t]);
    if (best.empty() || bytes.size() < best.size()) best = std::move(bytes);
  }
  return best;
}

}  // namespace veneer::modular
