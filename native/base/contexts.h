// All adaptive state of a tile, and the neighbourhood that chooses contexts.
// Source: docs/format.md, "Contexts".
#pragma once
#include <cstdint>
#include <cstring>

#include "block_shape.h"
#include "entropy/adaptive.h"

namespace veneer {

constexpr int kModes = 23;              // intra modes, prediction.h
constexpr int kModeNone = 23;           // context value of an unavailable neighbour
constexpr int kEnergyLevels = 24;       // log-quantized expected magnitude
constexpr int kBlockEnergyLevels = 12;  // log-quantized sum of the neighbours' cells
constexpr int kLastBuckets = 21;        // 0: empty block; then half octaves up to 1024
constexpr int kUnaryLevels = 4;         // greater-1 .. greater-4
constexpr int kEscapeBits = 16;

// Every adaptive decision of the base layer. The order of members is normative: it is the order of the
// warm-start table.
struct Models {
  BitModel node[2][4][16][3];         // [tree][log2 size - 3][neighbours or luma][leaf, quad, horizontal]
  BitModel mode[2][2][2][4][24][32];  // [tree][size > 8][which neighbour][family of the other][mode][node]
  BitModel cfl[3][4];                 // [size][left + above use it]
  BitModel derived[3][4];             // the same: its slopes come from the rim of the block
  BitModel alpha[2][3][32];           // [Co, Cg][sign of the other][binary tree node]
  BitModel transform[3][24][3];       // [log2 size - 2][mode][not the plain one, one sine, which side]
  BitModel empty[3][kShapeClasses][kBlockEnergyLevels][3];      // [plane][shape][energy][empty neighbours or plane]
  BitModel last[2][kShapeClasses][kBlockEnergyLevels / 2][32];  // [luma, chroma][shape][energy][tree node]
  BitModel last_offset[2][kLastBuckets];                        // first bit below the bucket
  BitModel significant[2][3][kSizeClasses][kDiagonalClasses][kEnergyLevels];  // [quantizer][plane]...
  // Significance again: [plane][shape][bucket of position][near magnitudes].
  BitModel nearby[3][kShapeClasses][kLastBuckets][8];
  BitModel greater1[2][3][3][kEnergyLevels];         // [quantizer][plane][diagonal 0, 1-2, more][energy]
  BitModel greater1_nearby[3][kShapeClasses][8];     // [plane][shape][near magnitudes]
  BitModel greater[2][kUnaryLevels][kEnergyLevels];  // greater-2 ..
  BitModel escape[2][8][kEscapeBits];                // [luma, chroma][energy / 3][prefix bit]
  BitModel step_offset[3][16];                       // zero flag, sign, magnitude
};
constexpr int kModelCount = sizeof(Models) / sizeof(BitModel);

// Magnitudes around a block: for each 4-sample unit of its top and left edges, the 8x8 cells of the block there.
struct UnitCells {
  uint8_t cell[kCells];  // 16 x mean magnitude, saturated
};

}  // namespace veneer
