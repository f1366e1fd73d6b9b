#include "base/jpeg/level_tables.h"

#include <cstddef>
#include <iterator>

#include "base/jpeg/image.h"

namespace veneer::jpeg {
namespace {

// Written when building by embed_tables.py: the weights of levels, those of magnitudes, the first models, and the first
// weights of decisions.
constexpr uint16_t kLevelTables[] = {
#include "jpeg_levels.inc"
};
constexpr ptrdiff_t kTapsOfAll = ptrdiff_t{kClasses} * kBlockSize * kTaps;
static_assert(std::size(kLevelTables) == size_t{2} * kTapsOfAll + kWarmModels + kGroups * kLogits,
              "docs/tables/jpeg_levels.bin is older than level_models.h");

const int16_t* signed_from(ptrdiff_t place) { return reinterpret_cast<const int16_t*>(kLevelTables) + place; }

}  // namespace

const int16_t* level_weights(int cls, int z) { return signed_from((cls * kBlockSize + z) * kTaps); }
const int16_t* magnitude_weights(int cls, int z) { return signed_from(kTapsOfAll + (cls * kBlockSize + z) * kTaps); }
const uint16_t* warm_models() { return kLevelTables + 2 * kTapsOfAll; }
const int16_t* warm_weights() { return signed_from(2 * kTapsOfAll + kWarmModels); }

}  // namespace veneer::jpeg
