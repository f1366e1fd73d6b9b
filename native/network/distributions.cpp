#include "network/distributions.h"

#include <utility>

namespace veneer {
namespace {

const uint32_t kFrequencies[] = {
#include "latent_frequencies.inc"
};

constexpr size_t kRow = kLatentSymbols + 1;
static_assert(sizeof kFrequencies == sizeof(uint32_t) * kLatentDistributions * kRow, "one row for each distribution");

// All of them, made at the first use; they take nothing from a caller's allocator.
struct Tables {
  template <size_t... kIndex>
  explicit Tables(std::index_sequence<kIndex...>)
      : all{CdfTable(kFrequencies + kIndex * kRow, kRow, kLatentPrecision)...} {}
  const CdfTable all[kLatentDistributions];
};

}  // namespace

const uint32_t* latent_frequencies(int index) { return kFrequencies + index * kRow; }

const CdfTable& latent_distribution(int index) {
  static const Tables tables{std::make_index_sequence<kLatentDistributions>()};
  return tables.all[index];
}

}  // namespace veneer
