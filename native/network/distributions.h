// How latents are distributed: 64 discretised Laplace distributions over -127..127, which `latent_prior` names.
//
// The shares are docs/tables/latents.bin, which the build turns into the tables of the library.
// Source: docs/format.md, "Latents".
#pragma once
#include <cstdint>

#include "entropy/cdf_coder.h"

namespace veneer {

constexpr int kLatentDistributions = 64;
constexpr int kMaxLatent = 127;
constexpr int kLatentSymbols = 2 * kMaxLatent + 1;
constexpr int kLatentPrecision = 24;  // bits of a whole distribution

// Cumulative frequencies of distribution `index`, 0..63: kLatentSymbols + 1 numbers that rise strictly from 0 to
// 2^kLatentPrecision. Value v is symbol v + kMaxLatent.
const uint32_t* latent_frequencies(int index);

// The same, to decode with.
const CdfTable& latent_distribution(int index);

}  // namespace veneer
