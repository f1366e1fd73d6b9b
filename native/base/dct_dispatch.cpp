// Chooses the kernels of block transforms and block metrics for this CPU.
//
// Place: the only code that calls a target's kernels by its table; see dct.h for what the kernels do.
#include <atomic>
#include <cstring>
#include <initializer_list>

#include "base/dct.h"
#include "base/dct_targets.h"
#include "common/cpu.h"

namespace veneer {
namespace {

const TransformKernels* best() {
  for (const char* name : {"avx512", "avx2", "neon"}) {
    if (const TransformKernels* found = find_kernels(name)) return found;
  }
  return &scalar_kernels();
}

// Null until the first use. Threads racing to it store the same pointer, and a table is a constant, so
// relaxed order is enough.
std::atomic<const TransformKernels*> chosen{nullptr};

}  // namespace

const TransformKernels* find_kernels(const char* name) {
  const CpuFeatures& cpu = cpu_features();
  if (std::strcmp(name, "scalar") == 0) return &scalar_kernels();
  if (std::strcmp(name, "avx2") == 0) return cpu.avx2 ? avx2_kernels() : nullptr;
  if (std::strcmp(name, "avx512") == 0) return cpu.avx512 ? avx512_kernels() : nullptr;
  if (std::strcmp(name, "neon") == 0) return cpu.neon ? neon_kernels() : nullptr;
  return nullptr;
}

const TransformKernels& kernels() {
  const TransformKernels* current = chosen.load(std::memory_order_relaxed);
  if (current == nullptr) {
    // Not a plain store: it would undo a force_kernels() of another thread.
    const TransformKernels* automatic = best();
    if (chosen.compare_exchange_strong(current, automatic, std::memory_order_relaxed)) current = automatic;
  }
  return *current;
}

bool force_kernels(const char* name) {
  const TransformKernels* found = std::strcmp(name, "auto") == 0 ? best() : find_kernels(name);
  if (found == nullptr) return false;
  chosen.store(found, std::memory_order_relaxed);
  return true;
}

}  // namespace veneer
