// Chooses the kernels of block transforms, prediction and row filters for this CPU.
//
// Place: the only code that calls a target's kernels by its table; see dct.h, prediction_kernels.h and
// row_filter.h for what the kernels do.
#include <atomic>
#include <cstring>
#include <initializer_list>

#include "base/dct.h"
#include "base/dct_targets.h"
#include "common/cpu.h"

namespace veneer {
namespace {

// The tables of one target, chosen together.
struct Target {
  const TransformKernels* transform;
  const PredictionKernels* prediction;
  const FilterKernels* filter;
};

const Target* scalar_target() {
#if defined(VENEER_BASE_ONLY) && defined(__wasm_simd128__)
  return nullptr;  // such a module is to be small, and never chooses them
#else
  static const Target target{&scalar_kernels(), &scalar_prediction_kernels(), &scalar_filter_kernels()};
  return &target;
#endif
}

// Null where the build lacks the target.
template <const TransformKernels* (*kTransform)(), const PredictionKernels* (*kPrediction)(),
          const FilterKernels* (*kFilter)()>
const Target* built_target() {
  static const Target target{kTransform(), kPrediction(), kFilter()};
  return target.transform != nullptr && target.prediction != nullptr && target.filter != nullptr ? &target : nullptr;
}

const Target* find_target(const char* name) {
  const CpuFeatures& cpu = cpu_features();
  if (std::strcmp(name, "scalar") == 0) return scalar_target();
  if (std::strcmp(name, "avx2") == 0) {
    return cpu.avx2 ? built_target<avx2_kernels, avx2_prediction_kernels, avx2_filter_kernels>() : nullptr;
  }
  if (std::strcmp(name, "avx512") == 0) {
    return cpu.avx512 ? built_target<avx512_kernels, avx512_prediction_kernels, avx2_filter_kernels>() : nullptr;
  }
  if (std::strcmp(name, "neon") == 0) {
    return cpu.neon ? built_target<neon_kernels, neon_prediction_kernels, neon_filter_kernels>() : nullptr;
  }
  if (std::strcmp(name, "simd128") == 0) {
    return cpu.simd128 ? built_target<simd128_kernels, simd128_prediction_kernels, simd128_filter_kernels>() : nullptr;
  }
  return nullptr;
}

const Target* best() {
  for (const char* name : {"avx512", "avx2", "neon", "simd128"}) {
    if (const Target* found = find_target(name)) return found;
  }
  return scalar_target();
}

// Null until the first use. Threads racing to it store the same pointer; release and acquire order make the
// target it points to visible with it.
std::atomic<const Target*> chosen{nullptr};

const Target& current_target() {
  const Target* current = chosen.load(std::memory_order_acquire);
  if (current == nullptr) {
    // Not a plain store: it would undo a force_kernels() of another thread.
    const Target* automatic = best();
    if (chosen.compare_exchange_strong(current, automatic, std::memory_order_acq_rel)) current = automatic;
  }
  return *current;
}

}  // namespace

const TransformKernels* find_kernels(const char* name) {
  const Target* found = find_target(name);
  return found != nullptr ? found->transform : nullptr;
}

const PredictionKernels* find_prediction_kernels(const char* name) {
  const Target* found = find_target(name);
  return found != nullptr ? found->prediction : nullptr;
}

const TransformKernels& kernels() { return *current_target().transform; }

const PredictionKernels& prediction_kernels() { return *current_target().prediction; }

const FilterKernels& filter_kernels() { return *current_target().filter; }

bool force_kernels(const char* name) {
  const Target* found = std::strcmp(name, "auto") == 0 ? best() : find_target(name);
  if (found == nullptr) return false;
  chosen.store(found, std::memory_order_release);
  return true;
}

}  // namespace veneer
