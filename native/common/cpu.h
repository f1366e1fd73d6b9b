// What this CPU and its operating system let us execute.
//
// Every choice between scalar and SIMD kernels goes through cpu_features(), so that a feature counts only
// if the operating system also saves its registers.
#pragma once

namespace veneer {

struct CpuFeatures {
  bool avx2;     // AVX2, BMI1/2, FMA
  bool avx512;   // AVX-512 F, BW, VL, DQ and VNNI; implies avx2
  bool neon;     // Advanced SIMD (every AArch64)
  bool simd128;  // of WebAssembly: a module has it or not when it is compiled
};

// Detected once, at the first call; thread-safe.
const CpuFeatures& cpu_features();

}  // namespace veneer
