// Numbers of the fast form, and the parameters that a tile sends for each plane.
//
// Eight linear predictors are blended by how well each did nearby. fast_rows_inl.h codes rows with them.
// Source: docs/format.md, "Fast form".
#pragma once
#include <cstdint>

#include "base/modular/planes.h"
#include "common/inline.h"

namespace veneer::modular::fast {

constexpr int kMostPlanes = 3;
constexpr int kExperts = 8;         // predictors of a plane
constexpr int kUnity = 256;         // 1.0 of a coefficient
constexpr int kMostWeight = 1023;   // of one that is sent
constexpr int kMostImplied = 4095;  // of one that follows from the others: no sum of products leaves 32 bits
constexpr int kMostEnergyWeight = 2047;
constexpr int kMostUnit = 8;
constexpr int kMostError = 4095;           // in units
constexpr int kErrorFloor = 80;            // is added to sums of errors, so that no predictor is certain
constexpr uint32_t kRatioOne = 64u << 16;  // a sum of errors divided by the least one, in 1/64
constexpr uint32_t kRatioEnd = 170;        // from here on a predictor has no weight
constexpr int kBiasBits = 8;               // of fractions of a sixteenth
constexpr int kLevels = 48;                // classes of the expected error, four an octave
constexpr int kShiftLevel = 10;            // from this plus four on, residuals are coded without their lowest bit
constexpr int kShifts = 13;
constexpr int kFractions = 3;
constexpr int kUnary = 12, kMostPrefix = 16;
constexpr int kNodes = 2 + kUnary + kMostPrefix;  // decisions of a residual
constexpr int kLowModels = 8;
constexpr int kTextures = 32, kSigns = 81;

// Coefficients come in pairs of neighbouring samples, of which the left one is at (x + dx, y + dy).
struct Pair {
  int8_t dx, dy;
};
// Of the plane itself. The right one of the first pair has what the others leave to 1.0.
constexpr Pair kOwnPairs[] = {{-2, 0}, {-4, 0}, {-3, -1}, {-1, -1}, {1, -1}, {-2, -2}, {0, -2}, {2, -2}};
// Of each plane before it. The right one of the first pair has what the others leave to 0.
constexpr Pair kCrossPairs[] = {{-1, 0}, {1, 0}, {-1, -1}, {1, -1}, {-1, 1}, {1, 1}};
constexpr int kOwn = sizeof(kOwnPairs) / sizeof(kOwnPairs[0]);
constexpr int kCross = sizeof(kCrossPairs) / sizeof(kCrossPairs[0]);
constexpr int kMostPairs = kOwn + (kMostPlanes - 1) * kCross;
VENEER_INLINE constexpr int pairs_of(int plane) { return kOwn + plane * kCross; }

// What the size of an error is expected from: nine numbers of the plane itself, two of each plane before it.
constexpr int kOwnFeatures = 9;
constexpr int kMostFeatures = kOwnFeatures + 2 * (kMostPlanes - 1);
VENEER_INLINE constexpr int features_of(int plane) { return kOwnFeatures + 2 * plane; }

// What a tile sends for a plane.
struct Plan {
  int unit = 0;     // errors are kept in units of 2^unit sixteenths
  int experts = 1;  // predictors that are sent: the eight are these in turn
  int16_t weight[kExperts][2 * kMostPairs] = {};
  int16_t energy[kMostFeatures] = {};  // in 1/256
};

}  // namespace veneer::modular::fast
