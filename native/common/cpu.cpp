// CPU detection: CPUID and XGETBV on x86, the architecture itself on AArch64.
//
// Place: bottom of the native core, used by every kernel dispatch.
// Source: Intel SDM vol. 1, ch. 14.3 "Detection of AVX instructions" and 15.2 "Detection of AVX-512".
#include "common/cpu.h"

#include <cstdint>

#if defined(VENEER_SCALAR_ONLY)
// By the build's choice no SIMD kernel is used.
#elif defined(__x86_64__) || defined(__i386__) || defined(_M_X64) || defined(_M_IX86)
#define VENEER_X86 1
#if defined(_MSC_VER)
#include <immintrin.h>
#include <intrin.h>
#else
#include <cpuid.h>
#endif
#endif

namespace veneer {
namespace {

#if defined(VENEER_X86)

struct Registers {
  uint32_t eax, ebx, ecx, edx;
};

Registers cpuid(uint32_t leaf, uint32_t subleaf) {
  Registers r{};
#if defined(_MSC_VER)
  int out[4];
  __cpuidex(out, static_cast<int>(leaf), static_cast<int>(subleaf));
  r = {static_cast<uint32_t>(out[0]), static_cast<uint32_t>(out[1]), static_cast<uint32_t>(out[2]),
       static_cast<uint32_t>(out[3])};
#else
  __cpuid_count(leaf, subleaf, r.eax, r.ebx, r.ecx, r.edx);
#endif
  return r;
}

// Register sets the operating system saves on a context switch (XCR0).
uint64_t enabled_states() {
#if defined(_MSC_VER)
  return _xgetbv(0);
#else
  uint32_t low, high;
  __asm__ volatile("xgetbv" : "=a"(low), "=d"(high) : "c"(0));
  return static_cast<uint64_t>(high) << 32 | low;
#endif
}

constexpr bool all_set(uint64_t value, uint64_t mask) { return (value & mask) == mask; }

CpuFeatures detect() {
  CpuFeatures features{};
  if (cpuid(0, 0).eax < 7) return features;
  const uint32_t leaf1 = cpuid(1, 0).ecx;
  constexpr uint32_t kFma = 1u << 12, kOsXsave = 1u << 27, kAvx = 1u << 28;
  if (!all_set(leaf1, kOsXsave | kAvx)) return features;

  const uint64_t states = enabled_states();
  constexpr uint64_t kYmmState = 0x06, kZmmState = 0xe6;
  const Registers leaf7 = cpuid(7, 0);
  constexpr uint32_t kBmi1 = 1u << 3, kAvx2 = 1u << 5, kBmi2 = 1u << 8;
  features.avx2 = all_set(states, kYmmState) && all_set(leaf1, kFma) && all_set(leaf7.ebx, kBmi1 | kAvx2 | kBmi2);

  constexpr uint32_t kAvx512F = 1u << 16, kAvx512Dq = 1u << 17, kAvx512Bw = 1u << 30, kAvx512Vl = 1u << 31;
  constexpr uint32_t kAvx512Vnni = 1u << 11;  // in ecx
  features.avx512 = features.avx2 && all_set(states, kZmmState) &&
                    all_set(leaf7.ebx, kAvx512F | kAvx512Dq | kAvx512Bw | kAvx512Vl) && all_set(leaf7.ecx, kAvx512Vnni);
  return features;
}

#else

CpuFeatures detect() {
  CpuFeatures features{};
#if !defined(VENEER_SCALAR_ONLY) && (defined(__aarch64__) || defined(_M_ARM64))
  features.neon = true;
#endif
#if !defined(VENEER_SCALAR_ONLY) && defined(__wasm_simd128__)
  features.simd128 = true;
#endif
  return features;
}

#endif

}  // namespace

const CpuFeatures& cpu_features() {
  static const CpuFeatures features = detect();
  return features;
}

}  // namespace veneer
