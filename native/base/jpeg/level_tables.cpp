#include "base/jpeg/level_tables.h"

#include <algorithm>
#include <cstddef>
#include <iterator>

#include "base/jpeg/image.h"
#include "common/apart.h"

namespace veneer::jpeg {
namespace {

constexpr ptrdiff_t kTapsOfAll = ptrdiff_t{kClasses} * kBlockSize * kTaps;
constexpr size_t kNumbers = size_t{2} * kTapsOfAll + kWarmModels + kGroups * kLogits;

// The weights of levels, those of magnitudes, the first models, and the first weights of decisions.
#if defined(VENEER_TABLES_APART)
uint16_t given[kNumbers];
bool is_given = false;

const uint16_t* level_tables() {
  if (!is_given) lack_table(kJpegTable);
  return given;
}
#else
// Written when building by embed_tables.py.
constexpr uint16_t kLevelTables[] = {
#include "jpeg_levels.inc"
};
static_assert(std::size(kLevelTables) == kNumbers, "docs/tables/jpeg_levels.bin is older than level_models.h");

const uint16_t* level_tables() { return kLevelTables; }
#endif

const int16_t* signed_from(ptrdiff_t place) { return reinterpret_cast<const int16_t*>(level_tables()) + place; }

}  // namespace

const int16_t* level_weights(int cls, int z) { return signed_from((cls * kBlockSize + z) * kTaps); }
const int16_t* magnitude_weights(int cls, int z) { return signed_from(kTapsOfAll + (cls * kBlockSize + z) * kTaps); }
const uint16_t* warm_models() { return level_tables() + 2 * kTapsOfAll; }
const int16_t* warm_weights() { return signed_from(2 * kTapsOfAll + kWarmModels); }

#if defined(VENEER_TABLES_APART)
void set_level_tables(const uint16_t* numbers) {
  std::copy_n(numbers, kNumbers, given);
  is_given = true;
}
#endif

}  // namespace veneer::jpeg
