// The loop over the samples of a row when encoding, one function per SIMD target: all give the same.
#pragma once
#include <cstddef>
#include <cstdint>

#include "base/modular/enc_decisions.h"
#include "base/modular/photo_state.h"

namespace veneer::modular::photo {

// Of a sample: one of sides, 34 of steps that reach 2^16 levels, 16 for the value in the last of them.
constexpr int kMostDecisions = 51;

// Returns the number of decisions.
using RecordRow = size_t (*)(uint32_t* decisions, Tile& tile, int y);

size_t record_row_plain(uint32_t* decisions, Tile& tile, int y);
// Null where the build has no AVX2.
RecordRow record_row_avx2();

}  // namespace veneer::modular::photo
