// The loops of enc_fast_kernels.h; VENEER_TARGET names the namespace, and the lanes are included before this.
#pragma once
#include "base/modular/enc_decisions.h"
#include "base/modular/enc_fast_kernels.h"
#include "base/modular/fast_rows_inl.h"

namespace veneer::modular::fast::VENEER_TARGET {
namespace {

struct Probe {
  static constexpr bool kProbes = true;
  int32_t* next;

  VENEER_INLINE int bit(BitModel&, int value) { return value; }
  VENEER_INLINE uint32_t raw(int, uint32_t value) { return value; }
  VENEER_INLINE void take(int x, const int32_t* features, int count, int size) {
    if (x % kProbeStep != 0) return;
    for (int i = 0; i < count; ++i) *next++ = features[i];
    *next++ = size;
  }
};

size_t record_row(uint32_t* decisions, PlaneState* planes, int c, int y) {
  Recorder io{decisions};
  code_row(io, planes, c, y);
  return static_cast<size_t>(io.next - decisions);
}

int32_t* probe_row(int32_t* numbers, PlaneState* planes, int c, int y) {
  Probe io{numbers};
  code_row(io, planes, c, y);
  return io.next;
}

void row_errors(const int16_t* const* pairs, int count, const int16_t (*weight)[2 * kExperts], const PlaneState& plane,
                const int16_t* samples, uint16_t* errors) {
  const int middle = plane.middle, most16 = 16 * plane.most, unit = plane.unit, width = plane.width;
  for (int x = 0; x < width; ++x) {
    Sums sums = no_sums();
    for (int i = 0; i < count; ++i) sums = add_pair(sums, weight[i], pair_at(pairs[i] + x));
    store_errors(errors + x * kExperts,
                 errors_of(predictions(sums, 16 * middle, most16), 16 * (samples[x] + middle), unit));
  }
}

static_assert(kBatch == 4);
void add_products(const double (*v)[kMostUnknowns], const double* weight, int count, double (*sums)[kMostUnknowns]) {
  for (int r = 0; r < count; ++r) {
    const double a = v[0][r] * weight[0], b = v[1][r] * weight[1], c = v[2][r] * weight[2], d = v[3][r] * weight[3];
    double* const row = sums[r];
    for (int i = 0; i < (r & ~3) + 4; i += 4) {
      for (int j = i; j < i + 4; ++j) row[j] += a * v[0][j] + b * v[1][j] + (c * v[2][j] + d * v[3][j]);
    }
  }
}

constexpr EncoderKernels kEncoderKernels = {record_row, probe_row, row_errors, add_products};

}  // namespace
}  // namespace veneer::modular::fast::VENEER_TARGET
