// Encoder of the fast form: the parameters of each plane, fitted to the tile.
#pragma once
#include "base/modular/fast_form.h"
#include "common/memory.h"

namespace veneer::modular::fast {

// The samples of the planes in the order in which they are coded, less their middles, with the nearest samples beyond all
// edges.
class PaddedPlanes {
 public:
  explicit PaddedPlanes(const Planes& planes);

  int width() const { return width_; }
  int height() const { return height_; }
  int most(int c) const { return most_[c]; }
  int middle(int c) const { return (most_[c] + 1) / 2; }
  const int16_t* row(int c, int y) const { return samples_.data() + (rows_ * c + y + kEdge) * stride_ + kEdge; }
  ptrdiff_t stride() const { return stride_; }

 private:
  static constexpr int kEdge = 8;
  int width_, height_, most_[kMostPlanes] = {};
  ptrdiff_t stride_, rows_;
  Vector<int16_t> samples_;
};

// How much of a tile is looked at how often.
struct TrainingEffort {
  int samples, rounds;
};

// Unit and predictors of the plane coded as number c.
void train_predictors(const PaddedPlanes& planes, int c, const TrainingEffort& effort, Plan* plan);

// What errors are expected from; the predictors of all planes are there. `numbers` as of EncoderKernels::probe_row().
void train_energy(const int32_t* numbers, const int32_t* end, int c, Plan* plan);

}  // namespace veneer::modular::fast
